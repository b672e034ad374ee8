// Sends to control what the workers saw. While the link is away the evidence stays in the book, merged.
import type { Signal } from "@flyball/core";
import { viewPool } from "../admin/endpoints-view.ts";
import type { GatewayParts } from "./gateway-parts.ts";

/** Most signals of one message. */
export const MAX_SIGNALS = 4_096;

/** Sends evidence. Called every 200 ms, and at the end. */
export function sendEvidence(parts: GatewayParts): void {
  const { link, book, holder, reader, loads, clock } = parts;
  if (!link.isConnected) return;
  const pools = new Map(holder.current?.pools.map((pool) => [pool.id, pool]));
  const signals = book.take(
    {
      inFlight(endpoint) {
        const slot = reader.slotOf(endpoint);
        return slot ? reader.inFlight.total(slot) : 0;
      },
      weightedAverageLoad(id) {
        const pool = pools.get(id);
        return pool ? viewPool(pool, reader, loads.waitingOf(id)).weightedAverageLoad : 0;
      },
    },
    clock.now(),
  );
  sendSignals(parts, signals);
}

/** Looks at the load of every pool. Called every 200 ms. */
export function lookAtLoads({ loads, holder }: GatewayParts): void {
  if (holder.current) loads.look(holder.current);
}

/** Says how loaded every pool was. Called once a second; while the link is away what was seen is of no use to anybody later. */
export function sendLoads(parts: GatewayParts): void {
  const { loads, holder, clock } = parts;
  if (!holder.current) return;
  const signals = loads.take(holder.current, clock.now());
  if (parts.link.isConnected) sendSignals(parts, signals);
}

/** Reports draining endpoints that have become idle. */
export function sendIdle(parts: GatewayParts): void {
  const { link, idle, holder, clock } = parts;
  if (!link.isConnected || !holder.current) return;
  sendSignals(parts, idle.look(holder.current, clock.now()));
}

function sendSignals({ link }: GatewayParts, signals: readonly Signal[]): void {
  for (let from = 0; from < signals.length; from += MAX_SIGNALS) {
    link.send({ type: "signals", signals: signals.slice(from, from + MAX_SIGNALS) });
  }
}
