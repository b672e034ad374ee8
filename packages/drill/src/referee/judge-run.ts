// One run, judged: what clients met, what control saw and did, when all served again.
import type { FaultDefinition } from "../fault.ts";
import { judgeActions, type ActionVerdict } from "./judge-actions.ts";
import { judgeAway } from "./judge-away.ts";
import { judgeCapacity, type CapacityVerdict } from "./judge-capacity.ts";
import { judgeGoodput } from "./judge-goodput.ts";
import { judgeTraffic, type TrafficVerdict } from "./judge-traffic.ts";
import { leaveOutTurnedAway } from "./leave-out-turned-away.ts";
import { isFailedInBand, isServed, type RequestRecord } from "./request-record.ts";
import type { RunRecord } from "./run-record.ts";

/** How many requests ended how. `failed` holds the refused, the broken, those with an error inside; not the lost. */
export interface RequestCounts {
  readonly sent: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly refused: number;
  readonly failedInBand: number;
  /** No end until the client gave up. */
  readonly lost: number;
  readonly duplicated: number;
  /** Of a fault that is load: turned away while it lasted; not among the failed. */
  readonly turnedAway?: number;
  /** Attempts by requests, of those whose answers tell; absent: none told. */
  readonly amplification?: number;
}

/** A judged run. */
export interface RunVerdict {
  readonly counts: RequestCounts;
  readonly traffic?: TrafficVerdict;
  /** From the injection until the share that the fault names of the victim's requests went elsewhere; absent: not within the run. */
  readonly awayMs?: number;
  readonly capacity?: CapacityVerdict;
  /** From the end of the fault until clients were served well for a window; 0 when they were already. */
  readonly afterUndoMs?: number;
  readonly actions?: ActionVerdict;
  /** From the injection until nothing of the app ran any more; of faults of the keeper. */
  readonly endedMs?: number;
  /** Served in time while the fault lasted, of what could be served (0 to 1). */
  readonly goodput?: number;
  /** The longest silence inside one answer. */
  readonly longestGapMs?: number;
}

/** Judges a run; without a moment of injection only the requests are counted. */
export function judgeRun(run: RunRecord, fault: FaultDefinition | undefined): RunVerdict {
  const { injectedAt, requests, loadFrom, goodWindowMs, incidents, events, victim } = run;
  if (injectedAt === undefined) return { counts: countRequests(requests) };
  const { undoneAt, loadUntil } = run;
  const judged = leaveOutTurnedAway(requests, run);
  const since = { requests: judged, loadFrom, injectedAt, goodWindowMs, loadUntil };
  const traffic = judgeTraffic(since);
  const { slowMs } = traffic.band;
  const goodput =
    undoneAt === undefined ? undefined : judgeGoodput(requests, { from: injectedAt, to: undoneAt, slowMs });
  const goodAgain = undoneAt === undefined ? undefined : judgeTraffic({ ...since, from: undoneAt }).goodFrom;
  return {
    counts: {
      ...countRequests(judged.filter(({ endedAt }) => endedAt > injectedAt)),
      sent: requests.filter(({ endedAt }) => endedAt > injectedAt).length,
      ...(judged.length === requests.length ? {} : { turnedAway: requests.length - judged.length }),
    },
    traffic,
    ...awayOf(run, fault),
    ...(goodput === undefined ? {} : { goodput }),
    ...(undoneAt === undefined || goodAgain === undefined ? {} : { afterUndoMs: goodAgain - undoneAt }),
    actions: judgeActions({ incidents, events, injectedAt, fault, victim }),
    ...capacityOf(run),
    ...(run.appEndedAt === undefined ? {} : { endedMs: run.appEndedAt - injectedAt }),
    longestGapMs: requests.reduce(
      (longest, record) => Math.max(longest, record.endedAt > injectedAt ? (record.longestGapMs ?? 0) : 0),
      0,
    ),
  };
}

function awayOf(
  { arrivals, victim, injectedAt, undoneAt, loadUntil, goodWindowMs }: RunRecord,
  fault: FaultDefinition | undefined,
): Pick<RunVerdict, "awayMs"> {
  const awayShare = fault?.expect.awayShare;
  if (!arrivals || !victim || injectedAt === undefined || awayShare === undefined) return {};
  const until = undoneAt ?? loadUntil;
  const awayMs = judgeAway({ samples: arrivals, victim, injectedAt, until, windowMs: goodWindowMs, awayShare });
  return awayMs === undefined ? {} : { awayMs };
}

function capacityOf(run: RunRecord): Pick<RunVerdict, "capacity"> {
  const { victim, injectedAt = 0, controlBackAt, events, undoneAt } = run;
  if (victim === undefined || victim.isWholeApp || victim.service === "@keeper") return {};
  // A release replaces instances by itself: who is away is no loss.
  if (victim.ordinals === undefined && !victim.service.startsWith("@")) return {};
  if (victim.service === "@control")
    return { capacity: controlBackAt === undefined ? {} : { capacityMs: controlBackAt - injectedAt } };
  if (run.workers !== undefined)
    return {
      capacity: run.workers.backAt === undefined ? {} : { capacityMs: Math.max(0, run.workers.backAt - injectedAt) },
    };
  if (victim.service === "@gateway") {
    const back = events.findLast((event) => event.event === "gateway-state" && event.state === "connected");
    return back === undefined || back.at < injectedAt ? {} : { capacity: { capacityMs: back.at - injectedAt } };
  }
  return { capacity: judgeCapacity({ events, victim, injectedAt, undoneAt }) };
}

/** Counts how requests ended. */
export function countRequests(requests: readonly RequestRecord[]): RequestCounts {
  const count = (matches: (record: RequestRecord) => boolean): number => requests.filter(matches).length;
  const told = requests.flatMap(({ attempts }) => (attempts === undefined || attempts === 0 ? [] : [attempts]));
  const lost = count(({ end }) => end === "none");
  return {
    sent: requests.length,
    succeeded: count(isServed),
    failed: count((record) => !isServed(record)) - lost,
    refused: count(({ end }) => end === "refused"),
    failedInBand: count(isFailedInBand),
    lost,
    duplicated: count(({ isDuplicated }) => isDuplicated === true),
    ...(told.length === 0 ? {} : { amplification: told.reduce((sum, attempts) => sum + attempts, 0) / told.length }),
  };
}
