// Which endpoints get no requests at present, why, and until when: what a person asks first when calls go elsewhere. From the memory that the workers
// share, so it is what all of them go by.
import type { EjectReason, Snapshot } from "@flyball/core";
import type { CooldownTable } from "../shared/cooldown-table.ts";
import type { Slot } from "../shared/in-flight-table.ts";
import type { ProbeTable } from "../shared/probe-table.ts";
import { endpointIdsOf } from "../worker/prepared-snapshot.ts";

/** One of them. */
export interface LeftAlone {
  /** Of a provider `provider:<backend>@<origin>`. */
  readonly endpoint: string;
  /** `rest`: it asked for it (429, no money, no quota, our key refused). `ejected`: by the gateway. `probed`: one request finds out whether it is well. */
  readonly why: "rest" | "ejected" | "probed";
  /** Why it was ejected, where that was told already. */
  readonly reason?: EjectReason;
  /** Milliseconds until it is asked again, or until its probe counts as lost. */
  readonly forMs: number;
}

/** What it is read from. Times of the tables are monotonic. */
export interface RestReader {
  readonly cooldowns: Pick<CooldownTable, "until">;
  readonly probes: Pick<ProbeTable, "read">;
  readonly slotOf: (endpoint: string) => Slot | undefined;
  readonly reasonOf: (endpoint: string) => EjectReason | undefined;
  readonly now: () => number;
}

/** All endpoints of a snapshot that are left alone, providers included. */
export function listLeftAlone(snapshot: Snapshot, reader: RestReader): readonly LeftAlone[] {
  return endpointIdsOf(snapshot).flatMap((endpoint) => lookAt(endpoint, reader) ?? []);
}

function lookAt(endpoint: string, { cooldowns, probes, slotOf, reasonOf, now }: RestReader): LeftAlone | undefined {
  const slot = slotOf(endpoint);
  if (slot === undefined) return undefined;
  const restMs = cooldowns.until(slot) - now();
  if (restMs > 0) return { endpoint, why: "rest", forMs: Math.round(restMs) };
  const probe = probes.read(slot);
  if (probe.kind !== "probing" && probe.kind !== "resting") return undefined;
  const reason = reasonOf(endpoint);
  const forMs = Math.max(0, Math.round(probe.until - now()));
  const why = probe.kind === "probing" ? "probed" : "ejected";
  return { endpoint, why, ...(reason === undefined ? {} : { reason }), forMs };
}
