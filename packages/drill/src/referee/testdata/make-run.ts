// Runs with known answers: ten requests a second, each served after 20 ms unless it is said otherwise.
import type { RequestRecord } from "../request-record.ts";
import type { RunRecord } from "../run-record.ts";

/** Injection of all made runs, in wall milliseconds. */
export const INJECTED_AT = 1_000_000;

/** Requests from five seconds before the injection until so long after it. `change` makes some of them bad. */
export function makeRequests(
  untilMs: number,
  change: (sinceInjectionMs: number) => Partial<RequestRecord> | undefined = () => undefined,
): readonly RequestRecord[] {
  return Array.from({ length: (untilMs + 5_000) / 100 }, (_, id) => {
    const since = id * 100 - 5_000;
    const sentAt = INJECTED_AT + since;
    const good = { id, name: "a GET /", dueAt: sentAt, sentAt, endedAt: sentAt + 20, end: "answered", status: 200 } as const;
    return { ...good, ...change(since) };
  });
}

/** A run with these requests. */
export function makeRun(fields: Partial<RunRecord> = {}): RunRecord {
  return {
    index: 0,
    seed: 1,
    fault: "crash",
    outcome: { kind: "measured" },
    victim: { service: "a", ordinals: [0], pids: [100] },
    loadFrom: INJECTED_AT - 5_000,
    loadUntil: INJECTED_AT + 20_000,
    injectedAt: INJECTED_AT,
    undoneAt: INJECTED_AT + 15_000,
    endedAt: INJECTED_AT + 21_000,
    perSecond: 10,
    goodWindowMs: 10_000,
    replicas: { a: 2 },
    requests: makeRequests(20_000),
    incidents: [],
    events: [],
    ...fields,
  };
}
