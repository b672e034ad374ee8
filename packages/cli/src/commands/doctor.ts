// `flyball doctor`: looks at what an app needs and at what this one has, each with what to do about it. It changes nothing.
import { isFlyballError, stateRoot } from "@flyball/core";
import { listAppRecords } from "../app/app-record.ts";
import { type FoundApp, findApp } from "../app/find-app.ts";
import { findManifest } from "../app/locate-manifest.ts";
import { readManifest } from "../app/read-manifest.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import type { Check } from "../doctor/check.ts";
import { checkPorts, checkRunningApp } from "../doctor/check-app.ts";
import { checkClock, checkDisk, checkNode, checkSocketPath, checkStateFolder } from "../doctor/check-machine.ts";
import { localText, translateText } from "../messages/localised-error.ts";
import type { Style } from "../output/style.ts";

/** Runs the command; 3 when a check failed. */
export async function doctor(context: CommandContext): Promise<number> {
  const root = stateRoot(context.environment, context.home);
  const records = listAppRecords(root);
  const app = await findAppOrUndefined(context);
  const checks: Check[] = [
    checkNode(process.versions.node),
    checkStateFolder(root),
    checkSocketPath(app?.layout.directory ?? `${root}/${"x".repeat(30)}`),
    checkDisk(root),
    checkClock(
      context.clock.now(),
      records.map((record) => record.startedAt),
    ),
    ...(await checkManifest(context, app)),
    ...(app === undefined ? [] : await checkRunningApp(context, app)),
  ];
  const { output } = context;
  const values = checks.map(({ name, state, detail, hint }) => ({
    name,
    state,
    detail: translateText(detail, context.translate),
    ...(hint === undefined ? {} : { hint: translateText(hint, context.translate) }),
  }));
  output.values(values, (style) => values.map((check) => renderCheck(check, style)).join("\n"));
  return checks.some(({ state }) => state === "failed") ? 3 : 0;
}

/** The manifest, and the ports it wishes unless the app itself holds them. */
async function checkManifest(context: CommandContext, app: FoundApp | undefined): Promise<readonly Check[]> {
  if (findManifest(context) === undefined) return app?.isRunning === true ? [] : [checkPorts(undefined)];
  try {
    const { path, spec } = await readManifest(context);
    const valid: Check = { name: "manifest", state: "ok", detail: localText("doctor.manifest", { path }) };
    return app?.isRunning === true ? [valid] : [valid, checkPorts(spec)];
  } catch (error) {
    if (!isFlyballError(error, "FB_MANIFEST_INVALID")) throw error;
    return [
      {
        name: "manifest",
        state: "failed",
        detail: localText("doctor.manifest-invalid", { reason: error.message }),
        hint: localText("doctor.manifest-hint", {}),
      },
    ];
  }
}

async function findAppOrUndefined(context: CommandContext): Promise<FoundApp | undefined> {
  try {
    return await findApp(context);
  } catch (error) {
    if (isFlyballError(error, "FB_CLI_NOT_RUNNING") || isFlyballError(error, "FB_MANIFEST_NOT_FOUND")) return undefined;
    throw error;
  }
}

function renderCheck(
  check: { readonly name: string; readonly state: Check["state"]; readonly detail: string; readonly hint?: string },
  style: Style,
): string {
  const glyph =
    check.state === "ok" ? style.green("✓") : check.state === "warning" ? style.yellow("!") : style.red("✗");
  const hint = check.hint === undefined ? "" : `\n    ${check.hint}`;
  return `${glyph} ${check.name}: ${check.detail}${hint}`;
}
