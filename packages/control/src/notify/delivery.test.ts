// The queue on a fake clock and a real store; what the other side says is scripted.
import type { ChannelSpec, NotifySpec } from "@flyball/core";
import { createFakeClock, seededRandom, type FakeClock } from "@flyball/fakes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openSqliteStore } from "../store/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import type { DeliveryOutcome } from "./channel.ts";
import { createDelivery, MOST_AGE_MS, MOST_QUEUED, type Delivery } from "./delivery.ts";
import type { QueuedNotice } from "./notice.ts";

const SPEC: ChannelSpec = { type: "webhook", url: "https://hooks.example/" };
const OK: DeliveryOutcome = { kind: "delivered", answer: "200" };
const DOWN: DeliveryOutcome = { kind: "failed", reason: "connect ECONNREFUSED" };
const NO: DeliveryOutcome = { kind: "refused", answer: "404 no_service" };

interface Rig {
  readonly delivery: Delivery;
  readonly clock: FakeClock;
  readonly store: Store;
  /** `id at second`, for each attempt. */
  readonly attempts: string[];
  spec: ChannelSpec;
  add(...ids: readonly string[]): void;
  run(durationMs: number, stepMs?: number): Promise<void>;
  /** Control is killed: what was under way is gone; the store stays. */
  killed(answer: (id: string) => DeliveryOutcome | Promise<DeliveryOutcome>): Rig;
}

function createRig(
  answer: (id: string) => DeliveryOutcome | Promise<DeliveryOutcome>,
  before: { clock: FakeClock; store: Store } = { clock: createFakeClock(), store: openSqliteStore(":memory:") },
  deadMan?: NotifySpec["deadMan"],
): Rig {
  const { clock, store } = before;
  const attempts: string[] = [];
  const start = clock.now();
  const stopped = new AbortController();
  let count = 0;
  const rig: Rig = {
    clock,
    store,
    attempts,
    spec: SPEC,
    delivery: createDelivery({
      store: store.notices,
      clock,
      random: seededRandom(7),
      notify: () => ({
        channels: { ops: rig.spec },
        routes: [],
        groupWaitMs: 1_000,
        repeatMs: 0,
        language: "en",
        ...(deadMan === undefined ? {} : { deadMan }),
      }),
      send: async ({ id }) => {
        attempts.push(`${id} at ${Math.round((clock.now() - start) / 1_000)}`);
        return answer(id);
      },
      createId: () => `beat${(count += 1)}`,
      signal: stopped.signal,
      onError: (error) => {
        throw error;
      },
    }),
    add(...ids) {
      const added = ids.map((id): QueuedNotice => ({
        id,
        channel: "ops",
        kind: "opened",
        at: clock.now(),
        entries: [],
        attempts: 0,
        dueAt: clock.now(),
      }));
      store.notices.commit({ book: {}, added });
      rig.delivery.add(added);
      rig.delivery.pump();
    },
    async run(durationMs, stepMs = 250) {
      const until = clock.now() + durationMs;
      while (clock.now() < until) {
        await clock.advance(Math.min(stepMs, until - clock.now()));
        rig.delivery.pump();
        await clock.settle();
      }
    },
    killed(next) {
      stopped.abort();
      return createRig(next, { clock, store });
    },
  };
  return rig;
}

describe("a queue of notices", () => {
  it("sends in order, one at a time, and forgets what was taken", async () => {
    const rig = createRig(() => OK);
    rig.add("a", "b", "c");
    await rig.run(1_000);
    expect(rig.attempts).toEqual(["a at 0", "b at 0", "c at 0"]);
    expect(rig.store.notices.queued()).toEqual([]);
    expect(rig.delivery.status()).toMatchObject([{ channel: "ops", state: "works", queued: 0, lost: 0 }]);
  });

  it("holds the others back while a channel is down, tries again ever more rarely, and says so", async () => {
    let outcome = DOWN as DeliveryOutcome;
    const rig = createRig(() => outcome);
    rig.add("a", "b");
    await rig.run(120_000);
    const times = rig.attempts.map((text) => Number(text.split(" ").at(-1)));
    expect(rig.attempts.every((text) => text.startsWith("a"))).toBe(true);
    expect(times.length).toBeGreaterThan(5);
    expect(times.length).toBeLessThan(12);
    const [status] = rig.delivery.status();
    expect(status).toMatchObject({ state: "fails", queued: 2, failure: "connect ECONNREFUSED" });
    outcome = OK;
    await rig.run(300_000);
    expect(rig.attempts.slice(-2).map((text) => text[0])).toEqual(["a", "b"]);
    expect(rig.delivery.status()).toMatchObject([{ state: "works", queued: 0 }]);
  });

  it("never waits longer than five minutes, nor less than the other side asks for", async () => {
    const rig = createRig(() => ({ kind: "failed", reason: "429", retryAfterMs: 60_000 }));
    rig.add("a");
    await rig.run(3_600_000);
    const times = rig.attempts.map((text) => Number(text.split(" ").at(-1)));
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(60);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(301);
  });

  it("lets others pass one that is refused, and gives it up after three attempts", async () => {
    const rig = createRig((id) => (id === "bad" ? NO : OK));
    rig.add("bad", "good");
    await rig.run(300_000);
    expect(rig.attempts[1]).toMatch(/^good at 0/);
    expect(rig.attempts.filter((text) => text.startsWith("bad"))).toHaveLength(3);
    expect(rig.store.notices.queued()).toEqual([]);
    expect(rig.delivery.status()).toMatchObject([{ lost: 1, queued: 0, failure: "404 no_service" }]);
  });

  it("tries at once when somebody has changed the channel", async () => {
    const rig = createRig(() => (rig.spec === SPEC ? DOWN : OK));
    rig.add("a");
    await rig.run(600_000);
    const before = rig.attempts.length;
    rig.spec = { ...SPEC, url: "https://mended.example/" };
    await rig.run(500);
    expect(rig.attempts).toHaveLength(before + 1);
    expect(rig.store.notices.queued()).toEqual([]);
  });

  it("is bounded: the oldest goes and is counted; a day is the end of any", async () => {
    const rig = createRig(() => DOWN);
    rig.add(...Array.from({ length: MOST_QUEUED + 5 }, (_, index) => `n${index}`));
    expect(rig.store.notices.queued()).toHaveLength(MOST_QUEUED);
    expect(rig.store.notices.queued()[0]?.id).toBe("n5");
    await rig.clock.advance(MOST_AGE_MS + 1_000);
    rig.delivery.pump();
    await rig.clock.settle();
    expect(rig.store.notices.queued()).toEqual([]);
    expect(rig.delivery.status()[0]?.lost).toBe(MOST_QUEUED + 5);
  });

  it("goes on after control was killed, with the same ids: each notice at least once", async () => {
    const rig = createRig((id) => (id === "a" ? OK : new Promise(() => undefined)));
    rig.add("a", "b", "c");
    await rig.run(1_000);
    expect(rig.attempts).toEqual(["a at 0", "b at 0"]);
    const next = rig.killed(() => OK);
    await next.run(1_000);
    expect(next.attempts.map((text) => text[0])).toEqual(["b", "c"]);
  });
});

describe("whatever happens", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const) }),
    fc.record({ kind: fc.constant("run" as const), ms: fc.integer({ min: 1, max: 400_000 }) }),
    fc.record({ kind: fc.constant("kill" as const) }),
    fc.record({ kind: fc.constant("turn" as const), to: fc.constantFrom("up", "down", "silent") }),
  );

  it("each notice arrives at least once, in order, when the channel is well in the end", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const taken: string[] = [];
        let mode = "up";
        const answer = (id: string): DeliveryOutcome | Promise<DeliveryOutcome> => {
          if (mode === "down") return DOWN;
          // It took it, and died before it said so: the notice comes again.
          taken.push(id);
          return mode === "silent" ? new Promise(() => undefined) : OK;
        };
        let rig = createRig(answer);
        const added: string[] = [];
        for (const each of steps) {
          if (each.kind === "add") {
            added.push(`n${added.length}`);
            rig.add(added.at(-1) ?? "");
          } else if (each.kind === "run") await rig.run(each.ms, 10_000);
          else if (each.kind === "kill") rig = rig.killed(answer);
          else mode = each.to;
        }
        mode = "up";
        rig = rig.killed(answer);
        await rig.run(700_000, 10_000);
        expect([...new Set(taken)]).toEqual(added);
        expect(rig.store.notices.queued()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe("pain 6: receivers that come and go", () => {
  it.each([10, 30, 70, 300])("one that is away every other %s s gets each notice once, in order", async (seconds) => {
    const taken: string[] = [];
    const rig = createRig((id) => {
      if (Math.floor(rig.clock.now() / (seconds * 1_000)) % 2 === 1) return DOWN;
      taken.push(id);
      return OK;
    });
    for (let round = 0; round < 10; round += 1) {
      rig.add(`fire${round}`, `end${round}`);
      await rig.run(97_000);
    }
    await rig.run(1_200_000);
    expect(taken).toEqual(Array.from({ length: 10 }, (_, round) => [`fire${round}`, `end${round}`]).flat());
  });
});

describe("a dead man's switch", () => {
  it("beats at its pace past the queue, also while a beat fails", async () => {
    let outcome = OK as DeliveryOutcome;
    const rig = createRig(() => outcome, undefined, { to: "ops", everyMs: 60_000 });
    await rig.run(200_000);
    expect(rig.attempts).toEqual(["beat1 at 0", "beat2 at 60", "beat3 at 120", "beat4 at 180"]);
    outcome = DOWN;
    await rig.run(60_000);
    expect(rig.delivery.status()).toMatchObject([{ state: "fails", queued: 0 }]);
    expect(rig.store.notices.queued()).toEqual([]);
  });
});
