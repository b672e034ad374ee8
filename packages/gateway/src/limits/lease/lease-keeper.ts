// Keeps the leases of one gateway: beats, reports what was used, asks for more before it is missed, and when the store is lost lets each
// limit go on as its policy says. It runs on the main thread beside the way of requests; one command at a time is under way.
import { FOLD_AFTER_MS } from "@flyball/traffic";
import type { CancelTimer, Clock } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import { LEASED_UNTIL, type LimitMemory } from "../limit-layout.ts";
import type { LimitRegistry } from "../limit-registry.ts";
import {
  closeAll,
  followLimits,
  forfeitAll,
  joinAll,
  keepAllAway,
  loseAll,
  startAllAnew,
  tellAllAgain,
  type LeaseAccounts,
} from "./lease-accounts.ts";
import { onUnanswered } from "./lease-account.ts";
import { composeLast, composeReport, nameOf, takeGrants, type KnownSpent, type ReportItem } from "./lease-reports.ts";
import {
  LEASE_USE_MS,
  MAX_REPORTED,
  type BeatAnswer,
  type ConnectLeaseStore,
  type LeaseConnection,
  type ReportAnswer,
} from "./lease-store.ts";
import { watchSilence } from "./watch-silence.ts";

/** What it is made of. */
export interface LeaseKeeperOptions {
  readonly memory: LimitMemory;
  /** The main thread's index for the lock. */
  readonly holder: number;
  readonly registry: LimitRegistry;
  readonly connect: ConnectLeaseStore;
  /** Whose journals this gateway has: the same after a restart. */
  readonly origin: string;
  readonly newId: () => string;
  readonly knownSpent: KnownSpent;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something may fit now: calls that wait try again. */
  readonly wake: () => void;
}

/** The keeper of leases. */
export interface LeaseKeeper {
  /** Takes over the limits of a snapshot that was compiled. */
  follow(): void;
  /** A worker has little left of something, or calls wait. */
  onLow(): void;
  /** away: each limit goes on as its policy says. */
  readonly state: "opening" | "away" | "settling" | "joined";
  /** Gateways as far as they were seen last. */
  readonly gateways: number;
  /** Resolves when the store was joined, or is known to be lost; 2.5 s at most. */
  readonly ready: Promise<void>;
  /** Ends at once: every limit is this gateway's own again, and what was leased ends by itself. */
  abandon(): void;
  /** Gives everything back and ends; takes a second at most. Idempotent. */
  stop(): Promise<void>;
}

const TICK_MS = 50;
const BEAT_EVERY_MS = 500;
/** A gateway that starts waits so long for the store before it takes it for lost. */
const OPENING_MS = 2_500;
const RECONNECT_MS = 250;
const LONGEST_RECONNECT_MS = 1_000;
/** Between two tries while others are asked to give back. */
const RECALL_PAUSE_MS = 3;
/** A gateway that was away for longer comes back under another name. */
const RENAME_AFTER_MS = FOLD_AFTER_MS / 2;
const STOP_LIMIT_MS = 1_000;

interface State extends LeaseKeeperOptions {
  readonly accounts: LeaseAccounts;
  phase: LeaseKeeper["state"];
  gateway: string;
  epoch: string;
  sequence: number;
  gateways: number;
  connection: LeaseConnection | undefined;
  isConnecting: boolean;
  isBusy: boolean;
  /** What is under way. */
  told: readonly ReportItem[];
  connectAt: number;
  reconnectMs: number;
  beatAt: number;
  /** When the last beat that was answered was sent. */
  aliveAt: number;
  phaseAt: number;
  pausedUntil: number;
  isStopped: boolean;
  readonly opened: PromiseWithResolvers<void>;
}

/** Creates it; it connects at once. */
export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const { clock } = options;
  const now = clock.monotonic();
  const state: State = {
    ...options,
    accounts: { memory: options.memory, holder: options.holder, byId: new Map() },
    phase: "opening",
    gateway: options.newId(),
    epoch: "",
    sequence: 0,
    gateways: 1,
    connection: undefined,
    isConnecting: false,
    isBusy: false,
    told: [],
    connectAt: now,
    reconnectMs: RECONNECT_MS,
    beatAt: now,
    aliveAt: now,
    phaseAt: now,
    pausedUntil: now,
    isStopped: false,
    opened: Promise.withResolvers(),
  };
  const stopTicking: CancelTimer = clock.every(TICK_MS, () => tick(state));
  open(state);
  let stopping: Promise<void> | undefined;
  return {
    follow() {
      const awayWith = isAway(state) ? state.gateways : undefined;
      followLimits(state.accounts, state.registry, { now: clock.monotonic(), awayWith });
    },
    onLow: () => onLow(state),
    get state() {
      return state.phase;
    },
    get gateways() {
      return state.gateways;
    },
    ready: state.opened.promise,
    abandon() {
      stopTicking();
      state.opened.resolve();
      state.isStopped = true;
      state.connection?.destroy();
      state.memory.cells[LEASED_UNTIL] = 0;
      closeAll(state.accounts);
    },
    stop() {
      stopTicking();
      return (stopping ??= stop(state));
    },
  };
}

function isAway({ phase }: State): boolean {
  return phase === "away" || phase === "settling";
}

function tick(state: State): void {
  const now = state.clock.monotonic();
  if (state.phase === "joined" && now - state.aliveAt > LEASE_USE_MS) lose(state, "its leases have ended");
  if (state.phase === "opening" && now - state.phaseAt > OPENING_MS) lose(state, "it cannot be reached");
  if (isAway(state)) keepAllAway(state.accounts, now, state.clock.now());
  if (!state.connection && !state.isConnecting && now >= state.connectAt) open(state);
  pump(state);
}

function onLow(state: State): void {
  const { clock } = state;
  const waitMs = state.pausedUntil - clock.monotonic();
  if (waitMs <= 0) pump(state);
  else clock.after(waitMs, () => pump(state));
}

function open(state: State): void {
  state.isConnecting = true;
  const { clock, logger } = state;
  let mine: LeaseConnection | undefined;
  const listener = {
    onRecall: (names: readonly string[]) => onRecall(state, names),
    onLost: () => {
      if (mine !== undefined && mine === state.connection) lose(state, "the connection ended");
    },
  };
  state.connect(listener).then(
    (connection) => {
      state.isConnecting = false;
      if (state.isStopped) return connection.destroy();
      mine = connection;
      state.connection = connection;
      if (clock.monotonic() - state.aliveAt > RENAME_AFTER_MS) {
        // The store has summed up what it knew of this gateway, so what comes now is another one's.
        state.gateway = state.newId();
        startAllAnew(state.accounts);
      }
      state.beatAt = clock.monotonic();
      pump(state);
      return undefined;
    },
    (error: unknown) => {
      state.isConnecting = false;
      state.connectAt = clock.monotonic() + state.reconnectMs;
      if (state.reconnectMs === RECONNECT_MS) logger.warn("the store of limits cannot be reached", { error });
      state.reconnectMs = Math.min(LONGEST_RECONNECT_MS, state.reconnectMs * 2);
      if (state.phase === "opening") lose(state, "it cannot be reached");
    },
  );
}

/** The next command, if one is due and none is under way. */
function pump(state: State): void {
  const { connection, clock } = state;
  if (!connection || state.isBusy || state.isStopped) return;
  const now = clock.monotonic();
  if (now >= state.beatAt) {
    beat(state, connection, now);
    return;
  }
  if (state.phase !== "joined" && state.phase !== "settling") return;
  const { epoch, gateway, origin, knownSpent, gateways } = state;
  const items = composeReport(state, state.accounts.byId.values(), {
    now,
    gateways,
    origin,
    knownSpent,
    isLending: state.phase === "joined",
  });
  if (items.length === 0) return;
  state.told = items;
  state.sequence += 1;
  const limits = items.map(({ reported }) => reported);
  const answer = connection.report({ gateway, epoch, sequence: state.sequence, limits });
  command(state, answer, (said) => onReportAnswer(state, items, said));
}

function beat(state: State, connection: LeaseConnection, now: number): void {
  const { epoch, gateway, clock } = state;
  const newEpoch = state.newId();
  const wall = clock.now();
  state.beatAt = now + BEAT_EVERY_MS;
  state.sequence += 1;
  const answer = connection.beat({ gateway, epoch, newEpoch, sequence: state.sequence });
  command(state, answer, (said) => {
    state.aliveAt = now;
    state.memory.cells[LEASED_UNTIL] = wall + LEASE_USE_MS;
    onBeatAnswer(state, said, newEpoch);
  });
}

/** Waits for one answer; an answer of a connection that was given up is not heard. */
function command<Answer>(state: State, answer: Promise<Answer>, onAnswer: (answer: Answer) => void): void {
  const { connection, clock } = state;
  state.isBusy = true;
  const stopWatching = watchSilence(clock, {
    isWaitedFor: () => isWaitedFor(state),
    onSilent: () => {
      if (state.connection === connection) lose(state, "it does not answer");
    },
  });
  answer.then(
    (said) => {
      stopWatching();
      if (state.connection !== connection) return;
      state.isBusy = false;
      onAnswer(said);
      pump(state);
    },
    (error: unknown) => {
      stopWatching();
      if (state.connection === connection) lose(state, error instanceof Error ? error.message : String(error));
    },
  );
}

/** Whether calls wait that could go on with this gateway's own share. */
function isWaitedFor({ told }: State): boolean {
  return told.some(({ account, needed }) => needed > 0 && account.limit.onStoreLoss === "local-share");
}

function onBeatAnswer(state: State, answer: BeatAnswer, newEpoch: string): void {
  const { clock, accounts, registry, logger } = state;
  const now = clock.monotonic();
  const isNewMemory = answer.epoch === newEpoch || (state.epoch !== "" && state.epoch !== answer.epoch);
  state.epoch = answer.epoch;
  state.gateways = Math.max(1, answer.gateways);
  if (isNewMemory) tellAllAgain(accounts, registry, { now, wall: clock.now() });
  if (answer.settlingMs > 0) {
    if (!isAway(state)) loseAll(accounts, now, state.gateways);
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

function join(state: State, now: number): void {
  joinAll(state.accounts, now);
  state.phase = "joined";
  state.phaseAt = now;
  state.opened.resolve();
  state.wake();
}

function onReportAnswer(state: State, items: readonly ReportItem[], answer: ReportAnswer): void {
  const { clock, connection, gateway } = state;
  state.told = [];
  const now = clock.monotonic();
  if (answer.kind === "rejoin") {
    for (const { account } of items) onUnanswered(account);
    state.beatAt = now;
    return;
  }
  const recalls = takeGrants(state, items, answer.grants, { now, wall: clock.now() });
  if (recalls.length > 0) {
    state.pausedUntil = now + RECALL_PAUSE_MS;
    connection?.recall(gateway, recalls).catch(() => undefined);
  }
  if (items.some(({ needed }) => needed > 0)) state.wake();
}

function onRecall(state: State, [from, ...names]: readonly string[]): void {
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

/** The store is lost: nothing of it is waited for any more. */
function lose(state: State, reason: string): void {
  const { clock, logger, accounts, memory } = state;
  const now = clock.monotonic();
  state.connection?.destroy();
  state.connection = undefined;
  state.isBusy = false;
  state.connectAt = now;
  memory.cells[LEASED_UNTIL] = 0;
  state.told = [];
  if (state.phase === "away") return;
  logger.warn("the store of limits is lost; each limit goes on as its policy says", {
    reason,
    gateways: state.gateways,
  });
  loseAll(accounts, now, state.gateways);
  state.phase = "away";
  state.phaseAt = now;
  keepAllAway(accounts, now, clock.now());
  state.opened.resolve();
  state.wake();
}

async function stop(state: State): Promise<void> {
  state.isStopped = true;
  const { connection, clock } = state;
  if (!connection) return;
  if (state.phase === "joined") {
    const late = Promise.withResolvers<void>();
    const cancel = clock.after(STOP_LIMIT_MS, late.resolve);
    await Promise.race([giveEverythingBack(state, connection), late.promise]).catch(() => undefined);
    cancel();
  }
  connection.destroy();
}

async function giveEverythingBack(state: State, connection: LeaseConnection): Promise<void> {
  const { gateway, epoch, origin, knownSpent, gateways } = state;
  for (const { account } of state.told) onUnanswered(account);
  const situation = { now: state.clock.monotonic(), gateways, origin, knownSpent, isLending: false };
  const items = composeLast(state, state.accounts.byId.values(), situation);
  for (let at = 0; at < items.length; at += MAX_REPORTED) {
    const limits = items.slice(at, at + MAX_REPORTED).map(({ reported }) => reported);
    state.sequence += 1;
    await connection.report({ gateway, epoch, sequence: state.sequence, limits });
  }
  await connection.leave(gateway);
}
