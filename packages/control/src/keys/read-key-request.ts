// The body of a request for a key, checked: its form, its bounds, and that the revision has every tenant, model and route that it names.
import { EVERY_MODEL, FlyballError, nearestName, type AppSpec, type KeyRequest } from "@flyball/core";
import { readLimitPolicy } from "./read-limit-policy.ts";

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@/-]{0,63}$/u;
const MAX_NAMES = 1_000;

/** The request; FB_CONTROL_BAD_REQUEST says what is wrong, with `what`, `name` and `known` in its details for a name that nothing has. */
export function readKeyRequest(body: Readonly<Record<string, unknown>>, spec: AppSpec, now: number): KeyRequest {
  const { name, tenant, models, routes, expiresAt, limits, reason, ...others } = body;
  const [other] = Object.keys(others);
  if (other !== undefined) throw bad(`a key has no ${other.slice(0, 40)}`);
  return {
    ...readName(name),
    ...readTenant(tenant, spec),
    ...readModels(models, spec),
    ...readRoutes(routes, spec),
    ...readExpiry(expiresAt, now),
    ...(limits === undefined ? {} : { limits: readLimitPolicy(limits) }),
    ...(typeof reason === "string" && reason !== "" ? { reason: reason.slice(0, 1_000) } : {}),
  };
}

function readName(name: unknown): Pick<KeyRequest, "name"> {
  if (name === undefined) return {};
  if (typeof name !== "string" || !NAME.test(name) || name.startsWith("key_")) {
    throw bad("a name has 1 to 64 letters, digits, spaces and ._@/- and does not begin with key_");
  }
  return { name };
}

function readTenant(tenant: unknown, spec: AppSpec): Pick<KeyRequest, "tenant"> {
  if (tenant === undefined) return {};
  if (typeof tenant !== "string") throw bad("tenant must be a text");
  requireKnown("tenant", [tenant], Object.keys(spec.tenants ?? {}));
  return { tenant };
}

function readModels(models: unknown, spec: AppSpec): Pick<KeyRequest, "models"> {
  if (models === undefined) return {};
  const named = namesOf(models, "models");
  if (named.includes(EVERY_MODEL)) return { models: [EVERY_MODEL] };
  requireKnown("model", named, Object.keys(spec.models));
  return { models: named };
}

function readRoutes(routes: unknown, spec: AppSpec): Pick<KeyRequest, "routes"> {
  if (routes === undefined) return {};
  const named = namesOf(routes, "routes");
  requireKnown(
    "route",
    named,
    spec.routes.map((route) => route.name),
  );
  return { routes: named };
}

function readExpiry(expiresAt: unknown, now: number): Pick<KeyRequest, "expiresAt"> {
  if (expiresAt === undefined) return {};
  if (typeof expiresAt !== "number" || !Number.isSafeInteger(expiresAt) || expiresAt <= now) {
    throw bad("expiresAt must be a moment to come, in milliseconds since 1970");
  }
  return { expiresAt };
}

function namesOf(value: unknown, what: string): readonly string[] {
  const isList = Array.isArray(value) && value.every((entry) => typeof entry === "string");
  if (!isList || value.length === 0 || value.length > MAX_NAMES) throw bad(`${what} must be a list of names`);
  return [...new Set(value)];
}

function requireKnown(what: "tenant" | "model" | "route", names: readonly string[], known: readonly string[]): void {
  const name = names.find((each) => !known.includes(each));
  if (name === undefined) return;
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? `its ${what}s are ${known.join(", ") || "none"}` : `did you mean ${nearest}?`;
  throw new FlyballError("FB_CONTROL_BAD_REQUEST", {
    reason: `the app has no ${what} ${name.slice(0, 80)}; ${hint}`,
    what,
    name,
    known,
  });
}

function bad(reason: string): FlyballError {
  return new FlyballError("FB_CONTROL_BAD_REQUEST", { reason });
}
