// Models: each backend is one thing, can be reached, and lies where data may go. A key itself never stands in a manifest.
import { nearestName } from "../problems/nearest-name.ts";
import { speaksHttp } from "../resolve/effective-ports.ts";
import { PROVIDERS } from "../resolve/providers.ts";
import { secretReference } from "../resolve/secret-reference.ts";
import type { BackendInput } from "../schema/models.ts";
import type { ManifestPath } from "../source/manifest-node.ts";
import { requireName, serviceNamed, type CheckContext } from "./check-context.ts";

/** Checks the backends of each model. */
export function checkModels(context: CheckContext): void {
  for (const [name, model] of Object.entries(context.input.models)) {
    for (const [index, backend] of model.backends.entries()) {
      const path = ["models", name, "backends", index];
      if ((backend.service === undefined) === (backend.provider === undefined)) {
        const message = `expected exactly one of service and provider, saw ${backend.service === undefined ? "none" : "both"}`;
        context.report({ path, code: "FB_MANIFEST_CONFLICT", message });
      } else if (backend.service === undefined) checkProvider(backend, path, context);
      else checkServiceBackend(backend.service, { backend, path }, context);
    }
  }
}

function checkServiceBackend(
  service: string,
  { backend, path }: { backend: BackendInput; path: ManifestPath },
  context: CheckContext,
): void {
  for (const key of ["base_url", "api_key", "region"] as const) {
    if (backend[key] === undefined) continue;
    const message = `${key} belongs to a provider; a service of the app needs none`;
    context.report({ path: [...path, key], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  }
  if (!requireName(context, "service", { name: service, path: [...path, "service"] })) return;
  const target = serviceNamed(context, service);
  if (target === undefined) return;
  if (!speaksHttp(target)) {
    const message = `"${service}" has no http port, so it cannot serve a model`;
    context.report({ path: [...path, "service"], code: "FB_MANIFEST_CONFLICT", message });
  }
  if (!context.active.has(service)) {
    const message = `"${service}" is only part of the app with profile ${(target.profiles ?? []).join(" or ")}`;
    context.report({ path: [...path, "service"], code: "FB_MANIFEST_CONFLICT", message });
  }
}

function checkProvider(backend: BackendInput, path: ManifestPath, context: CheckContext): void {
  const provider = backend.provider as string;
  const known = Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider] : undefined;
  if (backend.model === undefined) {
    const message = `"model" is missing; expected the model's name at ${provider}`;
    context.report({ path: [...path, "model"], code: "FB_MANIFEST_MISSING_KEY", message, part: "key" });
  }
  if (known === undefined && backend.base_url === undefined) {
    const message = `the provider "${provider}" is not known; write its base_url`;
    const suggestion = nearestName(provider, Object.keys(PROVIDERS));
    context.report({ path: [...path, "provider"], code: "FB_MANIFEST_UNKNOWN_NAME", message, suggestion });
  }
  if (known?.needsKey === true && backend.api_key === undefined) {
    const message = `"api_key" is missing; ${provider} needs one: secrets: { ${provider}: { env: … } }, then api_key: "\${secrets.${provider}}"`;
    context.report({ path: [...path, "api_key"], code: "FB_MANIFEST_MISSING_KEY", message, part: "key" });
  }
  if (backend.api_key !== undefined && secretReference(backend.api_key) === undefined) {
    const message = `expected a reference like "\${secrets.${provider}}", saw another value (not shown); a key never stands in this file`;
    context.report({ path: [...path, "api_key"], code: "FB_MANIFEST_LITERAL_SECRET", message });
  }
  checkRegion(backend, path, context);
}

function checkRegion(backend: BackendInput, path: ManifestPath, context: CheckContext): void {
  const allowed = context.input.data?.allowed_regions;
  if (allowed === undefined) return;
  if (backend.region === undefined) {
    const message = `"region" is missing; data.allowed_regions is set, so a provider must say where it is`;
    context.report({ path: [...path, "region"], code: "FB_MANIFEST_REGION", message, part: "key" });
  } else if (!allowed.includes(backend.region)) {
    const message = `data may not go to "${backend.region}"; data.allowed_regions is ${allowed.join(", ")}`;
    context.report({ path: [...path, "region"], code: "FB_MANIFEST_REGION", message });
  }
}
