// Secrets and configs: exactly one source each. Targets: a type where the name does not say it.
import type { CheckContext } from "./check-context.ts";

/** Checks where secrets and configs come from, and the types of targets. */
export function checkSources(context: CheckContext): void {
  for (const [name, secret] of Object.entries(context.input.secrets)) {
    if ((secret.env === undefined) !== (secret.file === undefined)) continue;
    const message = `expected exactly one of env and file, saw ${secret.env === undefined ? "none" : "both"}`;
    context.report({ path: ["secrets", name], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  }
  for (const [name, config] of Object.entries(context.input.configs)) {
    if ((config.content === undefined) !== (config.file === undefined)) continue;
    const message = `expected exactly one of content and file, saw ${config.content === undefined ? "none" : "both"}`;
    context.report({ path: ["configs", name], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  }
  for (const [name, target] of Object.entries(context.input.targets)) {
    if (target.type !== undefined || name === "local") continue;
    const message = '"type" is missing; expected local, docker, swarm or kubernetes';
    context.report({ path: ["targets", name, "type"], code: "FB_MANIFEST_MISSING_KEY", message, part: "key" });
  }
}
