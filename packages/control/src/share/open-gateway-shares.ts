// The shares of gateways over lives of control: which gateways there were stands in the store.
import type { Clock, ProcessIdentity } from "@flyball/core";
import { isProcessAlive, readProcessIdentity } from "@flyball/wire";
import type { Store } from "../store/store.ts";
import { createGatewayShares, type GatewayShares } from "./gateway-shares.ts";

/** The store's key of the gateways that were there last. */
const GATEWAYS_KEY = "sharing-gateways";

/**
 * Shares that begin with what the store says. The link is a Unix socket, so gateways are processes of this machine. Where processes cannot be looked at
 * (off Linux) one whose connection is closed counts as gone.
 */
export function openGatewayShares(meta: Store["meta"], clock: Clock): GatewayShares {
  return createGatewayShares({
    now: clock.monotonic,
    identify: readProcessIdentity,
    isAlive: isProcessAlive,
    known: JSON.parse(meta.get(GATEWAYS_KEY) ?? "[]") as readonly ProcessIdentity[],
    remember: (gateways) => meta.put(GATEWAYS_KEY, JSON.stringify(gateways)),
  });
}
