// The way of notices out: one queue a channel, kept in the store, sent in order and one at a time. At least once: a notice is removed after it was
// taken, so one that was taken while control died comes again, with the same id. Bounded in length, attempts and age; what is lost is counted
// and shown.
import type { ChannelSpec, Clock, NoticeChannelStatus, NoticeTestResult, NotifySpec, Random } from "@flyball/core";
import type { DeliveryOutcome } from "./channel.ts";
import type { NoticeStore } from "./notice-store.ts";
import type { NoticeDraft, QueuedNotice } from "./notice.ts";

/** The most notices that wait for one channel; the oldest goes. */
export const MOST_QUEUED = 200;
/** After so many attempts, or this age, a notice is given up. */
export const MOST_ATTEMPTS = 60;
export const MOST_AGE_MS = 24 * 3_600_000;
/** One that is not taken as it is: those behind it are sent meanwhile. */
const REFUSED_ATTEMPTS = 3;
const REFUSED_PAUSE_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const MOST_PAUSE_MS = 300_000;

/** What it works with. */
export interface DeliveryParts {
  readonly store: Pick<NoticeStore, "queued" | "update" | "remove">;
  readonly clock: Clock;
  readonly random: Random;
  readonly notify: () => NotifySpec | undefined;
  /** Never rejects. */
  readonly send: (
    notice: NoticeDraft & { readonly id: string },
    channel: string,
    spec: ChannelSpec,
  ) => Promise<DeliveryOutcome>;
  readonly createId: () => string;
  /** Nothing is sent or written any more once it aborts. */
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
}

/** The queues. */
export interface Delivery {
  /** Takes over what was written into the store. */
  add(notices: readonly QueuedNotice[]): void;
  /** Sends what is due, and the heartbeat. */
  pump(): void;
  status(): readonly NoticeChannelStatus[];
  /** At once, past the queue. */
  test(channel: string, spec: ChannelSpec): Promise<NoticeTestResult>;
}

/** What is known of a channel since control started. */
interface ChannelHealth {
  spec: string;
  queue: QueuedNotice[];
  isUnderWay: boolean;
  deliveredAt: number | undefined;
  failure: string | undefined;
  failsSince: number | undefined;
  sent: number;
  lost: number;
}

/** Starts with what waits in the store. */
export function createDelivery(parts: DeliveryParts): Delivery {
  const { store, clock } = parts;
  const channels = new Map<string, ChannelHealth>();
  let heartbeatAt: number | undefined;

  const healthOf = (name: string): ChannelHealth => {
    const known = channels.get(name);
    if (known !== undefined) return known;
    const fresh: ChannelHealth = {
      spec: "",
      queue: [],
      isUnderWay: false,
      deliveredAt: undefined,
      failure: undefined,
      failsSince: undefined,
      sent: 0,
      lost: 0,
    };
    channels.set(name, fresh);
    return fresh;
  };

  const note = (health: ChannelHealth, outcome: DeliveryOutcome): void => {
    if (outcome.kind === "delivered") {
      health.deliveredAt = clock.now();
      health.sent += 1;
      health.failure = undefined;
      health.failsSince = undefined;
    } else {
      health.failure = outcome.kind === "refused" ? outcome.answer : outcome.reason;
      health.failsSince ??= clock.now();
    }
  };

  const drop = (health: ChannelHealth, notice: QueuedNotice, isLost: boolean): void => {
    store.remove(notice);
    health.queue = health.queue.filter((other) => other.id !== notice.id);
    if (isLost) health.lost += 1;
  };

  const settle = (health: ChannelHealth, notice: QueuedNotice, outcome: DeliveryOutcome): void => {
    note(health, outcome);
    if (outcome.kind === "delivered") return drop(health, notice, false);
    const next = postponed(notice, outcome, parts);
    if (next === undefined) return drop(health, notice, true);
    store.update(next);
    health.queue = health.queue.map((other) => (other.id === next.id ? next : other));
  };

  const attempt = async (name: string, spec: ChannelSpec, notice: QueuedNotice): Promise<void> => {
    const health = healthOf(name);
    const outcome = await parts.send(notice, name, spec);
    if (parts.signal.aborted) return;
    try {
      settle(health, notice, outcome);
    } catch (error) {
      parts.onError(error);
    }
    health.isUnderWay = false;
    pump();
  };

  const pumpChannel = (name: string, spec: ChannelSpec): void => {
    const health = healthOf(name);
    const text = JSON.stringify(spec);
    // Somebody has changed the channel, perhaps to mend it.
    if (health.spec !== "" && health.spec !== text)
      health.queue = health.queue.map((notice) => ({ ...notice, dueAt: 0 }));
    health.spec = text;
    for (const notice of health.queue) if (clock.now() - notice.at > MOST_AGE_MS) drop(health, notice, true);
    const notice = !health.isUnderWay ? nextDue(health.queue, clock.now()) : undefined;
    if (notice === undefined) return;
    health.isUnderWay = true;
    void attempt(name, spec, notice);
  };

  const beat = ({ deadMan, channels: specs }: NotifySpec): void => {
    const spec = deadMan && specs[deadMan.to];
    if (deadMan === undefined || spec === undefined) return;
    const now = clock.now();
    if (heartbeatAt !== undefined && now - heartbeatAt < deadMan.everyMs && now >= heartbeatAt) return;
    const notice = { id: parts.createId(), kind: "heartbeat", at: now, entries: [] } as const;
    heartbeatAt = now;
    void parts.send(notice, deadMan.to, spec).then((outcome) => note(healthOf(deadMan.to), outcome));
  };

  const pump = (): void => {
    const notify = parts.notify();
    if (notify === undefined || parts.signal.aborted) return;
    for (const [name, health] of channels) {
      if (Object.hasOwn(notify.channels, name)) continue;
      for (const notice of health.queue) store.remove(notice);
      channels.delete(name);
    }
    for (const [name, spec] of Object.entries(notify.channels)) pumpChannel(name, spec);
    beat(notify);
  };

  const add = (notices: readonly QueuedNotice[]): void => {
    for (const notice of notices) {
      const health = healthOf(notice.channel);
      health.queue.push(notice);
      const [oldest] = health.queue;
      if (health.queue.length > MOST_QUEUED && oldest !== undefined) drop(health, oldest, true);
    }
  };
  add(store.queued());

  return {
    add,
    pump,
    status: () =>
      Object.entries(parts.notify()?.channels ?? {}).map(([name, spec]) => statusOf(name, spec, healthOf(name))),
    async test(channel, spec) {
      const notice = { id: parts.createId(), kind: "test", at: clock.now(), entries: [] } as const;
      const outcome = await parts.send(notice, channel, spec);
      note(healthOf(channel), outcome);
      const answer = outcome.kind === "failed" ? outcome.reason : outcome.answer;
      return { channel, type: spec.type, isDelivered: outcome.kind === "delivered", answer };
    },
  };
}

/** In order: a notice that waits holds back those behind it, unless it was refused for what it is. */
function nextDue(queue: readonly QueuedNotice[], now: number): QueuedNotice | undefined {
  for (const notice of queue) {
    if (notice.dueAt <= now) return notice;
    if (notice.isRefused !== true) return undefined;
  }
  return undefined;
}

/** The notice with its next time; undefined: it is given up. Jitter comes after the bound, so that it spreads there too. */
function postponed(
  notice: QueuedNotice,
  outcome: Exclude<DeliveryOutcome, { kind: "delivered" }>,
  { clock, random }: Pick<DeliveryParts, "clock" | "random">,
): QueuedNotice | undefined {
  const attempts = notice.attempts + 1;
  const isRefused = outcome.kind === "refused";
  if (attempts >= (isRefused ? REFUSED_ATTEMPTS : MOST_ATTEMPTS)) return undefined;
  const pauseMs = isRefused ? REFUSED_PAUSE_MS : Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));
  const asked = isRefused ? 0 : Math.min(MOST_PAUSE_MS, outcome.retryAfterMs ?? 0);
  const { isRefused: _before, ...rest } = notice;
  return {
    ...rest,
    attempts,
    failure: isRefused ? outcome.answer : outcome.reason,
    dueAt: clock.now() + Math.max(asked, pauseMs * (0.5 + random() / 2)),
    ...(isRefused ? { isRefused } : {}),
  };
}

function statusOf(channel: string, { type }: ChannelSpec, health: ChannelHealth): NoticeChannelStatus {
  const [waiting] = health.queue;
  const failure = health.failure ?? waiting?.failure;
  const isUsed = health.deliveredAt !== undefined;
  return {
    channel,
    type,
    state: failure === undefined ? (isUsed ? "works" : "unused") : "fails",
    queued: health.queue.length,
    sent: health.sent,
    lost: health.lost,
    ...(health.deliveredAt === undefined ? {} : { deliveredAt: health.deliveredAt }),
    ...(failure === undefined ? {} : { failure }),
    ...(health.failsSince === undefined ? {} : { failsSince: health.failsSince }),
    ...(failure === undefined || waiting === undefined ? {} : { nextAttemptAt: waiting.dueAt }),
  };
}
