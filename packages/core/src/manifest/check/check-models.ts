// Models: each backend is one thing, can be reached, and lies where data may go. A key itself never stands in a manifest.
import { hostReach } from "../../address-reach.ts";
import { nearestName } from "../problems/nearest-name.ts";
import { speaksHttp } from "../resolve/effective-ports.ts";
import { PROVIDERS } from "../resolve/providers.ts";
import { secretReference } from "../resolve/secret-reference.ts";
import type { BackendInput } from "../schema/models.ts";
import type { ManifestPath } from "../source/manifest-node.ts";
import { requireName, serviceNamed, type CheckContext } from "./check-context.ts";

/** Apis whose order of priorities is known; the gateway's table of providers has it. */
const PRIORITY_ENGINES: ReadonlySet<string> = new Set(["vllm", "sglang", "simulated"]);

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
      checkPriority(backend, path, context);
    }
  }
}

function checkServiceBackend(
  service: string,
  { backend, path }: { backend: BackendInput; path: ManifestPath },
  context: CheckContext,
): void {
  for (const key of ["base_url", "api_key", "region", "network", "ca"] as const) {
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

/** An order that nobody knows cannot be kept. */
function checkPriority(backend: BackendInput, path: ManifestPath, context: CheckContext): void {
  if (backend.priority !== "engine") return;
  const engine = context.input.services[backend.service ?? ""]?.serve?.engine;
  const api = backend.api ?? backend.provider ?? engine ?? "openai-compatible";
  if (PRIORITY_ENGINES.has(api)) return;
  const message = `${api} is not known to have priorities; write api: vllm or api: sglang, or priority: lower-first or higher-first`;
  context.report({ path: [...path, "priority"], code: "FB_MANIFEST_CONFLICT", message });
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
  checkAddress(backend, path, context);
  checkRegion(backend, path, context);
}

/** What base_url itself says; what its name resolves to is looked at when a connection is made. */
function checkAddress(backend: BackendInput, path: ManifestPath, context: CheckContext): void {
  const text = backend.base_url ?? PROVIDERS[backend.provider ?? ""]?.baseUrl;
  if (text === undefined) return;
  const url = URL.parse(text);
  if (url === null) {
    const message = `expected a URL like https://api.example/v1, saw "${text.slice(0, 80)}"`;
    context.report({ path: [...path, "base_url"], code: "FB_MANIFEST_WRONG_VALUE", message });
    return;
  }
  const reach = hostReach(url.hostname);
  if (reach === "forbidden") {
    const message = `${url.hostname} is a link-local, metadata or reserved address; it is never called`;
    context.report({ path: [...path, "base_url"], code: "FB_MANIFEST_REFUSED_ADDRESS", message });
  }
  if (reach === "private" && backend.network === "public") {
    const message = `network is public, and ${url.hostname} is a private address; leave network out, or write another base_url`;
    context.report({ path: [...path, "network"], code: "FB_MANIFEST_CONFLICT", message });
  }
  if (backend.ca !== undefined && url.protocol !== "https:") {
    const message = "ca goes with a base_url of https; there are no certificates over plain http";
    context.report({ path: [...path, "ca"], code: "FB_MANIFEST_CONFLICT", message });
  }
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
