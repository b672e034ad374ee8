// Start-time placeholders: known ones, in places where they are filled, referring to things that exist.
import { nearestName } from "../problems/nearest-name.ts";
import { fitsPattern } from "../problems/refused-words.ts";
import { effectivePorts, hasAddress, speaksHttp } from "../resolve/effective-ports.ts";
import type { SourceLocation } from "../source/manifest-node.ts";
import { requireName, serviceNamed, type CheckContext, type PlaceholderUse } from "./check-context.ts";

const FILLED: readonly (readonly string[])[] = [
  ["services", "*", "command", "*"],
  ["services", "*", "environment", "*"],
];
const API_KEY = ["models", "*", "backends", "*", "api_key"];
const STORE_PASSWORD = ["gateway", "limit_store", "password"];
const CHANNEL = ["url", "secret", "password"].map((key) => ["notify", "channels", "*", key]);
const SECRET_PLACES = [API_KEY, STORE_PASSWORD, ...CHANNEL];
const INSTANCE_WORDS = ["instance.port", "instance.ordinal"];

/** Checks every placeholder that was found. */
export function checkPlaceholders(context: CheckContext): void {
  for (const use of context.placeholders)
    checkUse(use, use.place === undefined ? context : reportingAt(use.place, context));
}

function checkUse(use: PlaceholderUse, context: CheckContext): void {
  const scope = use.name.split(".")[0];
  if (scope === "secrets") checkSecret(use, context);
  else if (scope === "services") checkServiceReference(use, context);
  else if (INSTANCE_WORDS.includes(use.name) || use.name.startsWith("instance.port.")) checkInstance(use, context);
  else reportUnknown(use, context);
}

function reportingAt(at: SourceLocation, context: CheckContext): CheckContext {
  return { ...context, report: (problem) => context.report({ ...problem, at }) };
}

function isFilled(use: PlaceholderUse): boolean {
  return use.place !== undefined || FILLED.some((pattern) => fitsPattern(use.path, pattern));
}

function report(use: PlaceholderUse, message: string, context: CheckContext, suggestion?: string): void {
  context.report({ path: use.path, code: "FB_MANIFEST_PLACEHOLDER", message, suggestion });
}

function reportUnknown(use: PlaceholderUse, context: CheckContext): void {
  const known = [...INSTANCE_WORDS, "instance.port.<name>", "secrets.x", "services.x.address", "services.x.url"];
  const message = `\${${use.name}} is not known; known are ${known.map((name) => `\${${name}}`).join(", ")}`;
  const suggestion = nearestName(use.name, INSTANCE_WORDS);
  report(use, message, context, suggestion === undefined ? undefined : `\${${suggestion}}`);
}

function reportMisplaced(use: PlaceholderUse, places: string, context: CheckContext): void {
  report(use, `\${${use.name}} cannot stand here; it goes into ${places}`, context);
}

function checkSecret(use: PlaceholderUse, context: CheckContext): void {
  const name = /^secrets\.([^.]+)$/.exec(use.name)?.[1];
  if (name === undefined) reportUnknown(use, context);
  else if (!isFilled(use) && !SECRET_PLACES.some((pattern) => fitsPattern(use.path, pattern)))
    reportMisplaced(
      use,
      "command, environment, api_key, limit_store.password or a channel's url, secret or password",
      context,
    );
  else requireName(context, "secret", { name, path: use.path });
}

function checkInstance(use: PlaceholderUse, context: CheckContext): void {
  if (!isFilled(use)) return reportMisplaced(use, "command or environment", context);
  const service = serviceNamed(context, String(use.path[1]));
  if (service === undefined || service.external !== undefined || use.name === "instance.ordinal") return;
  const ports = effectivePorts(service).map((port) => port.name);
  const name = use.name === "instance.port" ? undefined : use.name.slice("instance.port.".length);
  if (ports.length === 0) report(use, `\${${use.name}} needs a port; the service has none`, context);
  else if (name !== undefined && !ports.includes(name)) {
    report(
      use,
      `the service has no port "${name}"; its ports are ${ports.join(", ")}`,
      context,
      nearestName(name, ports),
    );
  }
}

function checkServiceReference(use: PlaceholderUse, context: CheckContext): void {
  const match = /^services\.([^.]+)\.([^.]+)$/.exec(use.name);
  const [, name, word] = match ?? [];
  if (name === undefined || (word !== "address" && word !== "url")) return reportUnknown(use, context);
  if (!isFilled(use)) return reportMisplaced(use, "command or environment", context);
  if (!requireName(context, "service", { name, path: use.path })) return;
  const service = serviceNamed(context, name);
  if (service === undefined) return;
  if (!context.active.has(name)) {
    if (!context.active.has(String(use.path[1]))) return;
    report(use, `"${name}" is only part of the app with profile ${(service.profiles ?? []).join(" or ")}`, context);
  } else if (!hasAddress(service)) {
    report(use, `"${name}" ${service.kind === "job" ? "is a job and has no address" : "has no port"}`, context);
  } else if (word === "url" && !speaksHttp(service)) {
    report(use, `"${name}" has no http port; write \${services.${name}.address}`, context);
  }
}
