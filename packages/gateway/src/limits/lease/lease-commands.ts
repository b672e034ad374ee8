// What a gateway says to the store, and what follows from the answers: it beats, reports what was used, asks for more, and gives back what
// others ask for. One beat and one report of a limit at a time are under way; reports of different limits do not wait for each other. The
// store answers in the order in which it was asked.
import { LEASED_UNTIL } from "../limit-layout.ts";
import { forfeitAll, joinAll, loseAll, tellAllAgain } from "./lease-accounts.ts";
import { composeReport, nameOf, noteAsked, noteUnanswered, takeGrants, type ReportItem } from "./lease-reports.ts";
import { isAway, RECONNECT_MS, type LeaseState } from "./lease-state.ts";
import { LEASE_USE_MS, MAX_REPORTED, type BeatAnswer, type LeaseConnection, type ReportAnswer } from "./lease-store.ts";
import { loseStore } from "./lose-store.ts";
import { watchSilence } from "./watch-silence.ts";

const BEAT_EVERY_MS = 500;
/** Between two tries while others are asked to give back. */
const RECALL_PAUSE_MS = 3;
/** Reports under way at once; what is due beyond them goes with the next answer. */
const MAX_UNDER_WAY = 8;

/** Says what is due, as far as it is not said already. */
export function pump(state: LeaseState): void {
  const { connection, clock } = state;
  if (!connection || state.isStopped) return;
  const now = clock.monotonic();
  if (now >= state.beatAt && !state.isBeating) beat(state, connection, now);
  if (state.isRejoining || (state.phase !== "joined" && state.phase !== "settling")) return;
  let items: readonly ReportItem[];
  do {
    if (state.underWay.size >= MAX_UNDER_WAY) return;
    items = report(state, connection, now);
  } while (items.length === MAX_REPORTED);
}

function report(state: LeaseState, connection: LeaseConnection, now: number): readonly ReportItem[] {
  const { epoch, gateway, origin, knownSpent, gateways, roundTrips, clock, underWay } = state;
  const items = composeReport(state, state.accounts.byId.values(), {
    now,
    gateways,
    origin,
    knownSpent,
    roundTripMs: roundTrips.tailMs,
    isLending: state.phase === "joined",
  });
  if (items.length === 0) return items;
  underWay.add(items);
  noteAsked(state, items, clock.now());
  state.sequence += 1;
  const limits = items.map(({ reported }) => reported);
  command(state, connection.report({ gateway, epoch, sequence: state.sequence, limits }), {
    isWaitedFor: () => isWaitedFor(items),
    onAnswer: (said) => {
      // One that was given up with a memory of the store is not heard.
      if (underWay.delete(items)) onReportAnswer(state, items, said);
    },
  });
  return items;
}

function beat(state: LeaseState, connection: LeaseConnection, now: number): void {
  const { epoch, gateway, clock } = state;
  const newEpoch = state.newId();
  const wall = clock.now();
  state.beatAt = now + BEAT_EVERY_MS;
  state.isBeating = true;
  state.sequence += 1;
  command(state, connection.beat({ gateway, epoch, newEpoch, sequence: state.sequence }), {
    isWaitedFor: () => false,
    onAnswer: (said) => {
      state.isBeating = false;
      state.isRejoining = false;
      state.aliveAt = now;
      state.memory.cells[LEASED_UNTIL] = wall + LEASE_USE_MS;
      onBeatAnswer(state, said, newEpoch);
    },
  });
}

interface Command<Answer> {
  /** Calls wait for it that could go on with this gateway's own share. */
  readonly isWaitedFor: () => boolean;
  readonly onAnswer: (answer: Answer) => void;
}

/** Waits for one answer; an answer of a connection that was given up is not heard. */
function command<Answer>(state: LeaseState, answer: Promise<Answer>, { isWaitedFor, onAnswer }: Command<Answer>): void {
  const { connection, clock, roundTrips } = state;
  const askedAt = clock.monotonic();
  const stopWatching = watchSilence(clock, {
    isWaitedFor,
    onSilent: () => {
      if (state.connection === connection) loseStore(state, "it does not answer");
    },
  });
  answer.then(
    (said) => {
      stopWatching();
      if (state.connection !== connection) return;
      roundTrips.add(clock.monotonic() - askedAt);
      onAnswer(said);
      pump(state);
    },
    (error: unknown) => {
      stopWatching();
      if (state.connection === connection) loseStore(state, error instanceof Error ? error.message : String(error));
    },
  );
}

function isWaitedFor(items: readonly ReportItem[]): boolean {
  return items.some(({ account, needed }) => needed > 0 && account.limit.onStoreLoss === "local-share");
}

function onBeatAnswer(state: LeaseState, answer: BeatAnswer, newEpoch: string): void {
  const { clock, accounts, registry, logger } = state;
  const now = clock.monotonic();
  const isNewMemory = answer.epoch === newEpoch || (state.epoch !== "" && state.epoch !== answer.epoch);
  state.epoch = answer.epoch;
  state.gateways = Math.max(1, answer.gateways);
  if (isNewMemory) tellAllAgain(accounts, registry, { now, wall: clock.now() });
  if (answer.settlingMs > 0) {
    if (!isAway(state)) {
      loseAll(accounts, now, state.gateways);
      state.underWay.clear();
    }
    state.phase = "settling";
    state.beatAt = now + Math.min(BEAT_EVERY_MS, answer.settlingMs + 1);
    return;
  }
  state.reconnectMs = RECONNECT_MS;
  if (state.phase !== "joined") {
    if (isAway(state)) logger.info("limits are leased again", { gateways: state.gateways });
    join(state, now);
  } else if (!answer.wasAlive) {
    forfeitAll(accounts);
  }
}

function join(state: LeaseState, now: number): void {
  joinAll(state.accounts, now);
  state.phase = "joined";
  state.phaseAt = now;
  state.opened.resolve();
  state.wake();
}

function onReportAnswer(state: LeaseState, items: readonly ReportItem[], answer: ReportAnswer): void {
  const { clock, connection, gateway } = state;
  const now = clock.monotonic();
  if (answer.kind === "rejoin") {
    noteUnanswered(state, items);
    state.isRejoining = true;
    if (!state.isBeating) state.beatAt = now;
    return;
  }
  const recalls = takeGrants(state, items, answer.grants, { now, wall: clock.now() });
  if (recalls.length > 0) {
    state.pausedUntil = now + RECALL_PAUSE_MS;
    connection?.recall(gateway, recalls).catch(() => undefined);
  }
  if (items.some(({ needed }) => needed > 0)) state.wake();
}

/** Another gateway asks for what is at hand here. */
export function onRecall(state: LeaseState, [from, ...names]: readonly string[]): void {
  if (from === state.gateway || state.phase !== "joined") return;
  const named = new Set(names);
  let waitMs = 0;
  const now = state.clock.monotonic();
  for (const account of state.accounts.byId.values()) {
    if (!named.has(nameOf(account))) continue;
    account.isRecalled = true;
    waitMs = Math.max(waitMs, account.promisedUntil - now);
  }
  pump(state);
  if (waitMs > 0) state.clock.after(waitMs, () => pump(state));
}
