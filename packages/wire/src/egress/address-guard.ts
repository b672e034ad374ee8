// Which addresses an outside endpoint may have: a provider's, or one that notices go to. The connection goes to the very address that was checked: a name that resolves
// differently a moment later (DNS rebinding) gains nothing.
import { lookup as systemLookup, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { addressReach, hostReach, type AddressReach } from "@flyball/core";

/** public: globally reachable ones only. private: also those of this machine and its networks. Forbidden ones (link-local, metadata) never. */
export type AllowedAddresses = "public" | "private";

/** Resolves a name to all its addresses. */
export type ResolveAll = (
  host: string,
  options: Parameters<LookupFunction>[1],
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Looks at where a connection would go. */
export interface AddressGuard {
  /** One sentence when a host is refused before any name is resolved. */
  refusalOf(host: string): string | undefined;
  /** One refused address among the results refuses the whole name. */
  readonly lookup: LookupFunction;
}

/** The code of a connection that was refused here. */
export const REFUSED_ADDRESS = "FB_UPSTREAM_REFUSED_ADDRESS";

const resolveBySystem: ResolveAll = (host, options, callback) =>
  systemLookup(host, { ...options, all: true }, callback);

/** What a guard works with. */
export interface AddressGuardOptions {
  /** The machine's own resolver unless given. */
  readonly resolveAll?: ResolveAll | undefined;
  /** Told each refusal once, until there is another one: the client of a call learns nothing of addresses. */
  readonly onRefused?: ((reason: string) => void) | undefined;
}

/** Creates a guard. */
export function createAddressGuard(allowed: AllowedAddresses, options: AddressGuardOptions = {}): AddressGuard {
  const { resolveAll = resolveBySystem, onRefused } = options;
  let told: string | undefined;
  const tell = (reason: string): void => {
    if (reason !== told) onRefused?.(reason);
    told = reason;
  };
  return {
    refusalOf(host) {
      const reach = hostReach(host);
      const refusal = reach && complaint(host, reach, allowed);
      if (refusal !== undefined) tell(refusal);
      return refusal;
    },
    lookup(host, lookupOptions, callback) {
      resolveAll(host, lookupOptions, (error, addresses) => {
        const refusal = error ?? refusalOf(host, addresses, allowed);
        if (refusal?.code === REFUSED_ADDRESS) tell(refusal.message);
        if (refusal) callback(refusal, "", 0);
        else if (lookupOptions.all) callback(null, addresses);
        else callback(null, addresses[0]?.address ?? "", addresses[0]?.family ?? 0);
      });
    },
  };
}

function refusalOf(
  host: string,
  addresses: readonly LookupAddress[],
  allowed: AllowedAddresses,
): NodeJS.ErrnoException | undefined {
  if (addresses.length === 0) return Object.assign(new Error(`${host} has no address`), { code: "ENOTFOUND" });
  for (const { address } of addresses) {
    const message = complaint(`${host} resolves to ${address}, which`, addressReach(address), allowed);
    if (message !== undefined) return Object.assign(new Error(message), { code: REFUSED_ADDRESS });
  }
  return undefined;
}

function complaint(subject: string, reach: AddressReach, allowed: AllowedAddresses): string | undefined {
  if (reach === "forbidden") return `${subject} is a link-local, metadata or reserved address`;
  if (reach === "private" && allowed === "public") return `${subject} is a private address`;
  return undefined;
}
