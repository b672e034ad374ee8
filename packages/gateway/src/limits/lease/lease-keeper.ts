// Keeps the leases of one gateway: asks for more before it is missed, and when the store is lost lets each limit go on as its policy says.
// It runs on the main thread beside the way of requests. Here it begins, ticks, connects and ends; what it says to the store stands in
// `lease-commands.ts`.
import { createRoundTrips, FOLD_AFTER_MS, type RoundTrips } from "@flyball/traffic";
import type { CancelTimer } from "@flyball/core";
import { LEASED_UNTIL } from "../limit-layout.ts";
import { closeAll, followLimits, keepAllAway, startAllAnew } from "./lease-accounts.ts";
import { onRecall, pump } from "./lease-commands.ts";
import { onUnanswered } from "./describe-lease.ts";
import { composeLast } from "./lease-reports.ts";
import { isAway, RECONNECT_MS, type LeaseKeeperOptions, type LeasePhase, type LeaseState } from "./lease-state.ts";
import { LEASE_USE_MS, MAX_REPORTED, type LeaseConnection } from "./lease-store.ts";
import { loseStore } from "./lose-store.ts";

export type { LeaseKeeperOptions } from "./lease-state.ts";

/** The keeper of leases. */
export interface LeaseKeeper {
  /** Takes over the limits of a snapshot that was compiled. */
  follow(): void;
  /** A worker has little left of something, or calls wait. */
  onLow(): void;
  /** away: each limit goes on as its policy says. */
  readonly state: LeasePhase;
  /** Gateways as far as they were seen last. */
  readonly gateways: number;
  /** How long the store took to answer of late. */
  readonly roundTrips: RoundTrips;
  /** Resolves when the store was joined, or is known to be lost; 2.5 s at most. */
  readonly ready: Promise<void>;
  /** Ends at once: every limit is this gateway's own again, and what was leased ends by itself. */
  abandon(): void;
  /** Gives everything back and ends; takes a second at most. Idempotent. */
  stop(): Promise<void>;
}

const TICK_MS = 50;
/** A gateway that starts waits so long for the store before it takes it for lost. */
const OPENING_MS = 2_500;
const LONGEST_RECONNECT_MS = 1_000;
/** A gateway that was away for longer comes back under another name. */
const RENAME_AFTER_MS = FOLD_AFTER_MS / 2;
const STOP_LIMIT_MS = 1_000;

/** Creates it; it connects at once. */
export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const { clock } = options;
  const now = clock.monotonic();
  const state: LeaseState = {
    ...options,
    accounts: { memory: options.memory, holder: options.holder, byId: new Map() },
    phase: "opening",
    gateway: options.newId(),
    epoch: "",
    sequence: 0,
    gateways: 1,
    connection: undefined,
    isConnecting: false,
    isBeating: false,
    isRejoining: false,
    underWay: new Set(),
    roundTrips: createRoundTrips(),
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
    roundTrips: state.roundTrips,
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

function tick(state: LeaseState): void {
  const now = state.clock.monotonic();
  if (state.phase === "joined" && now - state.aliveAt > LEASE_USE_MS) loseStore(state, "its leases have ended");
  if (state.phase === "opening" && now - state.phaseAt > OPENING_MS) loseStore(state, "it cannot be reached");
  if (isAway(state)) keepAllAway(state.accounts, now, state.clock.now());
  if (!state.connection && !state.isConnecting && now >= state.connectAt) open(state);
  pump(state);
}

function onLow(state: LeaseState): void {
  const { clock } = state;
  const waitMs = state.pausedUntil - clock.monotonic();
  if (waitMs <= 0) pump(state);
  else clock.after(waitMs, () => pump(state));
}

function open(state: LeaseState): void {
  state.isConnecting = true;
  const { clock, logger } = state;
  let mine: LeaseConnection | undefined;
  const listener = {
    onRecall: (names: readonly string[]) => onRecall(state, names),
    onLost: () => {
      if (mine !== undefined && mine === state.connection) loseStore(state, "the connection ended");
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
      if (state.phase === "opening") loseStore(state, "it cannot be reached");
    },
  );
}

async function stop(state: LeaseState): Promise<void> {
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

async function giveEverythingBack(state: LeaseState, connection: LeaseConnection): Promise<void> {
  const { gateway, epoch, origin, knownSpent, gateways } = state;
  for (const items of state.underWay) for (const { account } of items) onUnanswered(account);
  const situation = {
    now: state.clock.monotonic(),
    gateways,
    origin,
    knownSpent,
    roundTripMs: state.roundTrips.tailMs,
    isLending: false,
  };
  const items = composeLast(state, state.accounts.byId.values(), situation);
  for (let at = 0; at < items.length; at += MAX_REPORTED) {
    const limits = items.slice(at, at + MAX_REPORTED).map(({ reported }) => reported);
    state.sequence += 1;
    await connection.report({ gateway, epoch, sequence: state.sequence, limits });
  }
  await connection.leave(gateway);
}
