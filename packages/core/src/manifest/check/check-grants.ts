// What a service uses: models, secrets, configs and volumes must exist, and none is given twice.
import { grantsOf } from "../resolve/grants.ts";
import { parseMount } from "../resolve/mounts.ts";
import type { ServiceInput } from "../schema/service.ts";
import { requireName, type CheckContext } from "./check-context.ts";

/** Checks the references of each service. */
export function checkGrants(context: CheckContext): void {
  for (const [name, service] of Object.entries(context.input.services)) {
    checkModels(name, service, context);
    checkList(name, { kind: "secret", key: "secrets", names: service.secrets }, context);
    checkList(name, { kind: "config", key: "configs", names: service.configs }, context);
    checkVolumes(name, service, context);
  }
}

function checkModels(name: string, service: ServiceInput, context: CheckContext): void {
  const seen = new Set<string>();
  for (const grant of grantsOf(name, service.models)) {
    if (!requireName(context, "model", { name: grant.model, path: grant.path })) continue;
    if (seen.has(grant.model)) {
      const message = `the model "${grant.model}" is granted twice`;
      context.report({ path: grant.path, code: "FB_MANIFEST_DUPLICATE", message });
    }
    seen.add(grant.model);
  }
}

interface NameList {
  readonly kind: "secret" | "config";
  readonly key: string;
  readonly names: readonly string[] | undefined;
}

function checkList(name: string, { kind, key, names }: NameList, context: CheckContext): void {
  const seen = new Set<string>();
  for (const [index, entry] of (names ?? []).entries()) {
    const path = ["services", name, key, index];
    if (requireName(context, kind, { name: entry, path }) && seen.has(entry)) {
      context.report({ path, code: "FB_MANIFEST_DUPLICATE", message: `"${entry}" stands twice in ${key}` });
    }
    seen.add(entry);
  }
}

function checkVolumes(name: string, service: ServiceInput, context: CheckContext): void {
  const seen = new Set<string>();
  for (const [index, text] of (service.volumes ?? []).entries()) {
    const path = ["services", name, "volumes", index];
    const mount = parseMount(text);
    if ("complaint" in mount) {
      context.report({ path, code: "FB_MANIFEST_WRONG_VALUE", message: mount.complaint });
      continue;
    }
    if (requireName(context, "volume", { name: mount.volume, path }) && seen.has(mount.volume)) {
      context.report({ path, code: "FB_MANIFEST_DUPLICATE", message: `the volume "${mount.volume}" is mounted twice` });
    }
    seen.add(mount.volume);
  }
}
