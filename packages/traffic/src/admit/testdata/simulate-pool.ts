// A pool behind its gate in fake time: requests come by chance at a rate that changes, wait, are refused or sent as the gateway does it, and
// an upstream works on so many at once and lets the others stand in line inside, where nobody sees them.
import { PRIORITIES, type Random } from "@flyball/core";
import { decideAdmission } from "../decide-admission.ts";
import {
  createPoolGate,
  enterGate,
  isGateOpen,
  isGateOpenToWaiting,
  learnLatency,
  leaveGate,
  paceShedder,
  queueBefore,
  type PoolGate,
} from "../pool-gate.ts";
import { predictWaitMs } from "../predict-drain.ts";
import { cohortOf, isShed, isShedding } from "../shedder.ts";

/** What one request asks of the upstream. */
export interface SimulatedWork {
  /** For so long it holds a place of the upstream. */
  readonly serviceMs: number;
  /** Of a stream: from then on its first token is there. */
  readonly firstMs?: number;
  /** Of its prompt; undefined: not known. */
  readonly promptTokens?: number;
}

/** A run. */
export interface SimulatedPool {
  readonly random: Random;
  readonly places: number;
  /** Requests a second. */
  readonly rateAt: (now: number) => number;
  readonly workAt: (now: number, random: Random) => SimulatedWork;
  readonly untilMs: number;
  /** Of the gate. */
  readonly maximum?: number;
  /** Called after each event. */
  readonly watch?: (now: number, gate: PoolGate, waiting: number) => void;
}

/** What became of one request. */
export interface SimulatedRequest {
  readonly at: number;
  readonly priority: number;
  /** From its arrival to its answer; undefined: it was refused. */
  readonly tookMs: number | undefined;
  readonly refusal: "deadline" | "queue-full" | "shed" | "waited" | undefined;
}

const MAX_WAIT_MS = 2_000;
const MAX_WAITING = 1_000;

interface Arrival extends SimulatedWork {
  readonly at: number;
  readonly priority: number;
  sentAt: number;
}

/** Runs it to its end, and a while longer until all are answered. */
export function simulatePool(options: SimulatedPool): readonly SimulatedRequest[] {
  const { random, places, rateAt, workAt, untilMs, maximum = 256, watch } = options;
  const gate = createPoolGate({ minimum: Math.min(8, maximum), maximum, initial: maximum }, random, 0);
  const seen: SimulatedRequest[] = [];
  const waiting: Arrival[] = [];
  const inside: Arrival[] = [];
  /** Ends and first tokens to come, the next one last. */
  const running: { readonly at: number; readonly arrival: Arrival; readonly isFirst: boolean }[] = [];
  let busy = 0;
  let now = 0;
  let nextAt = gapMs(rateAt(0), random);

  const plan = (at: number, arrival: Arrival, isFirst: boolean): void => {
    let index = running.length;
    while (index > 0 && (running[index - 1] as { at: number }).at < at) index -= 1;
    running.splice(index, 0, { at, arrival, isFirst });
  };
  const start = (arrival: Arrival): void => {
    busy += 1;
    plan(now + arrival.serviceMs, arrival, false);
    if (arrival.firstMs !== undefined) plan(now + arrival.firstMs, arrival, true);
  };
  const send = (arrival: Arrival): void => {
    arrival.sentAt = now;
    enterGate(gate);
    if (busy < places) start(arrival);
    else inside.push(arrival);
  };
  const refuse = ({ at, priority }: Arrival, refusal: SimulatedRequest["refusal"]): void =>
    void seen.push({ at, priority, tookMs: undefined, refusal });
  const before = (priority: number): number =>
    priority === 0 ? waiting.length : waiting.filter((other) => other.priority >= priority).length;
  const askShedder = ({ priority }: Arrival): boolean => {
    paceShedder(gate);
    const waitedMs = now - waiting.reduce((least, { at }) => Math.min(least, at), now);
    const waitMs = Math.max(waitedMs, predictWaitMs(queueBefore(gate, waiting.length)));
    const cohort = cohortOf(`key-${Math.floor(random() * 200)}`);
    const isOut = isShed(gate.shedder, { class: priority, cohort, waitMs }, now, random);
    return isOut && predictWaitMs(queueBefore(gate, before(priority))) > gate.shedder.targetWaitMs / 4;
  };
  const arrive = (arrival: Arrival): void => {
    const isPlain = gate.shedder.share === 0 || !isShedding(gate.shedder, now);
    if (isGateOpen(gate) && waiting.length === 0 && isPlain) return send(arrival);
    if (!isGateOpen(gate) || gate.shedder.share > 0) {
      let isOut: boolean | undefined;
      const isShedNow = (): boolean => (isOut ??= askShedder(arrival));
      const queue = queueBefore(gate, before(arrival.priority));
      if (predictWaitMs(queue) > MAX_WAIT_MS) isShedNow();
      const decision = decideAdmission({
        now,
        deadlineAt: now + MAX_WAIT_MS,
        leastServiceMs: 0,
        queue,
        queueLimit: MAX_WAITING,
        isShed: isShedNow,
        random,
      });
      if (decision.kind === "refuse") return refuse(arrival, decision.reason);
    }
    if (waiting.length === 0 && isGateOpen(gate)) return send(arrival);
    waiting.push(arrival);
    letIn();
  };
  const letIn = (): void => {
    while (waiting.length > 0 && isGateOpenToWaiting(gate, now)) {
      const first = waiting.reduce((best, each) => (each.priority > best.priority ? each : best));
      waiting.splice(waiting.indexOf(first), 1);
      send(first);
    }
  };
  const learn = (kind: "firstToken" | "answer", { sentAt, promptTokens }: Arrival): void =>
    learnLatency(gate, { kind, latencyMs: now - sentAt, promptTokens }, now);
  const end = (arrival: Arrival): void => {
    busy -= 1;
    if (arrival.firstMs === undefined) learn("answer", arrival);
    leaveGate(gate, now - arrival.sentAt, now);
    seen.push({ at: arrival.at, priority: arrival.priority, tookMs: now - arrival.at, refusal: undefined });
    const next = inside.shift();
    if (next) start(next);
    letIn();
  };
  for (;;) {
    const endsAt = running.at(-1)?.at ?? Number.POSITIVE_INFINITY;
    const givesUpAt = (waiting[0]?.at ?? Number.POSITIVE_INFINITY) + MAX_WAIT_MS;
    const at = Math.min(nextAt, endsAt, givesUpAt);
    if (at === Number.POSITIVE_INFINITY) return seen;
    now = at;
    if (now === endsAt) {
      const { arrival, isFirst } = running.pop() as (typeof running)[number];
      if (isFirst) learn("firstToken", arrival);
      else end(arrival);
    }
    else if (now === givesUpAt) refuse(waiting.shift() as Arrival, "waited");
    else {
      const priority = Math.floor(random() * PRIORITIES.length);
      arrive({ at: now, priority, sentAt: now, ...workAt(now, random) });
      nextAt = now + gapMs(rateAt(now), random);
      if (nextAt > untilMs) nextAt = Number.POSITIVE_INFINITY;
    }
    watch?.(now, gate, waiting.length);
  }
}

/** Of a Poisson process. */
function gapMs(perSecond: number, random: Random): number {
  return (-Math.log(1 - random()) * 1_000) / perSecond;
}
