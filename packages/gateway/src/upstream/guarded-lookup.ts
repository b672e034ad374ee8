// Name resolution that gives public addresses only. The connection goes to the very address that was checked: a name that resolves
// differently a moment later (DNS rebinding) gains nothing.
import { lookup as systemLookup, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { isPrivateAddress } from "./is-private-address.ts";

/** Resolves a name to all its addresses. */
export type ResolveAll = (
  host: string,
  options: Parameters<LookupFunction>[1],
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Resolves as the machine does. */
export const resolveBySystem: ResolveAll = (host, options, callback) =>
  systemLookup(host, { ...options, all: true }, callback);

/** The guard around a resolver: one private address among the results refuses the whole name. */
export function createGuardedLookup(resolveAll: ResolveAll): LookupFunction {
  return (host, options, callback) => {
    resolveAll(host, options, (error, addresses) => {
      const refusal = error ?? refusalOf(host, addresses);
      if (refusal) callback(refusal, "", 0);
      else if (options.all) callback(null, addresses);
      else callback(null, addresses[0]?.address ?? "", addresses[0]?.family ?? 0);
    });
  };
}

function refusalOf(host: string, addresses: readonly LookupAddress[]): NodeJS.ErrnoException | undefined {
  const found = addresses.find(({ address }) => isPrivateAddress(address));
  if (!found && addresses.length > 0) return undefined;
  const message = found
    ? `${host} resolves to ${found.address}, which is not a public address`
    : `${host} has no address`;
  return Object.assign(new Error(message), { code: found ? "FB_UPSTREAM_PRIVATE_ADDRESS" : "ENOTFOUND" });
}
