// What every answer of a model call, and every error, tells beside its id: how often somebody was asked, who was asked last, and how long
// it took. Upstream's own answers on plain routes pass as they are.
import type { Exchange } from "../stages/exchange.ts";

/** Name, value, name, value … */
export function toldHeaders({ attemptsSent, backend, startedAt, context }: Exchange): string[] {
  const ms = Math.round((context.clock.monotonic() - startedAt) * 10) / 10;
  const told = ["x-flyball-attempts", String(attemptsSent), "server-timing", `total;dur=${ms}`];
  if (backend !== undefined) told.push("x-flyball-backend", backend);
  return told;
}
