// A key named on a command line or in a path: by its id, or by its name while it is not revoked.
import { FlyballError, nearestName } from "@flyball/core";
import type { StoredKey } from "./stored-key.ts";

/** The key; FB_CONTROL_NOT_FOUND names the nearest one. */
export function findKey(keys: readonly StoredKey[], idOrName: string): StoredKey {
  const found =
    keys.find(({ id }) => id === idOrName) ??
    keys.find(({ name, revoked }) => name !== "" && name === idOrName && revoked === undefined);
  if (found !== undefined) return found;
  const known = keys.flatMap(({ id, name, revoked }) =>
    revoked === undefined ? [id, ...(name === "" ? [] : [name])] : [],
  );
  const nearest = nearestName(idOrName, known);
  throw new FlyballError("FB_CONTROL_NOT_FOUND", {
    what: "key",
    name: idOrName,
    remedy: "Try: flyball keys list",
    ...(nearest === undefined ? {} : { nearest }),
  });
}
