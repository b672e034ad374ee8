// Control says which name of a request nothing has; here it becomes the usage error that a mistyped service gives too.
import { type FlyballError, isFlyballError, nearestName } from "@flyball/core";
import { usageError } from "../messages/localised-error.ts";

/** Waits for control's answer; a name that nothing has rejects with FB_CLI_USAGE and the nearest name, all else as it is. */
export async function withNamedRefusal<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw (isFlyballError(error) && refusedName(error)) || error;
  }
}

function refusedName({ code, details }: FlyballError): FlyballError | undefined {
  const { what, name, known, nearest: nearestKey } = details;
  if (typeof name !== "string") return undefined;
  if (code === "FB_CONTROL_NOT_FOUND" && what === "key") {
    if (typeof nearestKey !== "string") return usageError("usage.unknown-key", { name }, "flyball keys list");
    return usageError("usage.unknown-key-near", { name, nearest: nearestKey }, "flyball keys list");
  }
  if (code !== "FB_CONTROL_BAD_REQUEST" || !isKind(what) || !Array.isArray(known)) return undefined;
  const all = known.map(String);
  const nearest = nearestName(name, all);
  if (nearest === undefined) {
    return usageError(`usage.unknown-${what}`, { name, names: all.join(", ") || "-" }, "flyball keys create --help");
  }
  const names = [nearest, ...all.filter((other) => other !== nearest)].join(", ");
  return usageError(`usage.unknown-${what}-near`, { name, nearest, names }, "flyball keys create --help");
}

function isKind(what: unknown): what is "tenant" | "model" | "route" {
  return what === "tenant" || what === "model" || what === "route";
}
