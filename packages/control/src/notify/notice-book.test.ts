import { faultRecoveryTime, type Incident } from "@flyball/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  advanceBook,
  END_HOLD_MS,
  EVIDENCE_INTERVAL_MS,
  FLAP_WINDOW_MS,
  type BookInput,
  type NoticeBook,
} from "./notice-book.ts";
import type { NoticeDraft } from "./notice.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

/** Incidents of a made-up app, and the book that is shown them every 250 ms. */
class Rig {
  now = START;
  readonly drafts: NoticeDraft[] = [];
  readonly #incidents = new Map<string, Incident>();
  readonly #options: { repeatMs: number; tickMs: number };
  #book: NoticeBook = {};
  #missingSince: number | undefined;

  constructor(options: Partial<{ repeatMs: number; tickMs: number }> = {}) {
    this.#options = { repeatMs: 240 * MINUTE, tickMs: 250, ...options };
  }

  open(subject: Incident["subject"], fields: Partial<Incident> = {}): string {
    const number = this.#incidents.size + 1;
    const incident: Incident = {
      id: `inc_${number}`,
      number,
      class: "failed-requests",
      subject,
      revision: 1,
      began: { lastGood: this.now - 100, firstBad: this.now - 50, source: "evidence" },
      detectedAt: this.now,
      goodWindowMs: 10_000,
      state: "open",
      summary: "requests fail",
      evidence: [],
      actions: [],
      ...fields,
    };
    this.#incidents.set(incident.id, incident);
    return incident.id;
  }

  change(id: string, fields: Partial<Incident>): void {
    const incident = this.#incidents.get(id);
    if (incident !== undefined) this.#incidents.set(id, { ...incident, ...fields });
  }

  recover(id: string): void {
    this.change(id, { state: "recovered", recoveredAt: this.now });
  }

  loseEvidence(): void {
    this.#missingSince = this.now;
  }

  findEvidence(): void {
    this.#missingSince = undefined;
  }

  /** Control is killed and comes back: the book is read from the store. */
  restart(): void {
    this.#book = JSON.parse(JSON.stringify(this.#book)) as NoticeBook;
  }

  run(durationMs: number): void {
    const until = this.now + durationMs;
    while (this.now < until) {
      this.now += this.#options.tickMs;
      const input: BookInput = {
        now: this.now,
        open: [...this.#incidents.values()].filter(({ state }) => state === "open"),
        find: (id) => this.#incidents.get(id),
        missingSince: () => this.#missingSince,
        groupWaitMs: 1_000,
        repeatMs: this.#options.repeatMs,
      };
      const { book, drafts } = advanceBook(this.#book, input);
      this.#book = book;
      this.drafts.push(...drafts);
    }
  }

  kinds(): readonly string[] {
    return this.drafts.map(({ kind }) => kind);
  }

  threads(): number {
    return Object.keys(this.#book).length;
  }
}

describe("an incident", () => {
  it("is told once within five seconds of its detection, and its end once", () => {
    const rig = new Rig();
    const id = rig.open({ service: "api", ordinal: 0 });
    rig.run(5_000);
    expect(rig.kinds()).toEqual(["opened"]);
    expect((rig.drafts[0]?.at ?? 0) - START).toBeLessThanOrEqual(1_500);
    rig.recover(id);
    const recoveredAt = rig.now;
    rig.run(30 * MINUTE);
    expect(rig.kinds()).toEqual(["opened", "resolved"]);
    const [entry] = rig.drafts[1]?.entries ?? [];
    expect(entry).toMatchObject({ subject: "api/0", endedAt: recoveredAt });
    expect(entry?.totalMs).toBe(
      faultRecoveryTime({ began: { lastGood: START - 100 }, detectedAt: START, recoveredAt } as Incident).totalMs,
    );
    expect(rig.threads()).toBe(0);
  });

  it("is told with those that begin in the same second, in one notice", () => {
    const rig = new Rig();
    rig.open({ service: "api", ordinal: 0 });
    rig.run(500);
    rig.open({ service: "api", ordinal: 1 });
    rig.open({ service: "llm", ordinal: 0 });
    rig.run(10_000);
    expect(rig.drafts.map(({ entries }) => entries.map(({ subject }) => subject))).toEqual([
      ["api/0", "api/1", "llm/0"],
    ]);
  });

  it("that lasts is told again after the interval, and never where the interval is 0", () => {
    const [rig, silent] = [new Rig({ repeatMs: 30 * MINUTE }), new Rig({ repeatMs: 0 })];
    rig.open({ service: "api" });
    silent.open({ service: "api" });
    rig.run(100 * MINUTE);
    silent.run(100 * MINUTE);
    expect(rig.kinds()).toEqual(["opened", "repeat", "repeat", "repeat"]);
    expect(silent.kinds()).toEqual(["opened"]);
  });

  it("that becomes worse is told again, for those who hear of critical ones only", () => {
    const rig = new Rig();
    const id = rig.open({ service: "api", ordinal: 0 }, { class: "process-exit" });
    rig.run(5_000);
    rig.change(id, { class: "crash-loop" });
    rig.run(5_000);
    expect(rig.kinds()).toEqual(["opened", "worse"]);
    expect(rig.drafts[1]?.entries[0]).toMatchObject({ severity: "critical", class: "crash-loop" });
  });

  it("that was closed because its subject is gone is told as that", () => {
    const rig = new Rig();
    const id = rig.open({ service: "api", ordinal: 0 });
    rig.run(5_000);
    rig.change(id, { state: "closed", actions: [{ at: rig.now, action: "close", reason: "it was scaled away" }] });
    rig.run(2 * MINUTE);
    expect(rig.drafts[1]).toMatchObject({ kind: "resolved", entries: [{ isClosed: true }] });
  });
});

describe("an incident that is called off", () => {
  it("before it was told is not told at all, and those that go on are", () => {
    const rig = new Rig();
    const consequence = rig.open({ service: "web", ordinal: 0 });
    rig.run(500);
    rig.open({ service: "postgres", ordinal: 0 }, { class: "dependency-down", dependants: [{ service: "web" }] });
    rig.change(consequence, { state: "closed" });
    rig.run(5 * MINUTE);
    expect(rig.drafts.map(({ entries }) => entries.map(({ subject }) => subject))).toEqual([["postgres/0"]]);
    expect(rig.drafts[0]?.entries[0]?.dependants).toEqual(["web"]);
  });
});

describe("pain 4: flapping", () => {
  it("a condition that toggles every 30 s for an hour gives two notices, one of them flapping, and one end", () => {
    const rig = new Rig();
    for (let toggle = 0; toggle < 60; toggle += 1) {
      const id = rig.open({ service: "api", ordinal: 0 });
      rig.run(30_000);
      rig.recover(id);
      rig.run(30_000);
    }
    rig.run(FLAP_WINDOW_MS + MINUTE);
    expect(rig.kinds()).toEqual(["opened", "flapping", "resolved"]);
    expect(rig.drafts[2]?.entries[0]?.episodes).toBe(60);
    expect(rig.drafts[2]?.entries[0]?.startedAt).toBe(START - 50);
  });

  it("holds for other periods: never more than two notices in ten minutes for one fault that comes and goes", () => {
    const periods = fc.record({ badMs: fc.integer({ min: 1, max: 90 }), goodMs: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(periods, ({ badMs, goodMs }) => {
        const rig = new Rig({ tickMs: 1_000 });
        const until = rig.now + 40 * MINUTE;
        while (rig.now < until) {
          const id = rig.open({ service: "api", ordinal: 0 });
          rig.run(badMs * 1_000);
          rig.recover(id);
          rig.run(goodMs * 1_000);
        }
        rig.run(FLAP_WINDOW_MS + MINUTE);
        expect(rig.kinds()).toEqual(["opened", "flapping", "resolved"]);
      }),
      { numRuns: 25 },
    );
  });
});

describe("pain 5: data that vanishes", () => {
  it("does not end an incident: it stays, is marked, and that data is missing is told within two intervals", () => {
    const rig = new Rig();
    const id = rig.open({ service: "llm", ordinal: 0 });
    rig.run(10_000);
    rig.loseEvidence();
    const lostAt = rig.now;
    rig.run(2 * EVIDENCE_INTERVAL_MS);
    expect(rig.kinds()).toEqual(["opened", "data-missing"]);
    expect(rig.drafts[1]?.entries[0]).toMatchObject({ dataMissingSince: lostAt });
    rig.run(60 * MINUTE);
    expect(rig.kinds()).not.toContain("resolved");
    rig.findEvidence();
    rig.run(MINUTE);
    rig.recover(id);
    rig.run(2 * MINUTE);
    expect(rig.kinds().at(-1)).toBe("resolved");
    expect(rig.drafts.at(-1)?.entries[0]?.dataMissingSince).toBeUndefined();
  });

  it("and that comes and goes is told once in a window", () => {
    const rig = new Rig();
    rig.open({ service: "llm", ordinal: 0 });
    for (let round = 0; round < 9; round += 1) {
      rig.loseEvidence();
      rig.run(30_000);
      rig.findEvidence();
      rig.run(30_000);
    }
    expect(rig.kinds()).toEqual(["opened", "data-missing"]);
  });
});

describe("pain 6: one fire, one end", () => {
  it.each([250, 10_000, 30_000, 70_000, 300_000])(
    "looked at every %s ms, over restarts of control at any moment",
    (tickMs) => {
      const rig = new Rig({ tickMs });
      const id = rig.open({ service: "api", ordinal: 0 });
      for (let step = 0; step < 20; step += 1) {
        rig.run(MINUTE);
        rig.restart();
      }
      rig.recover(id);
      for (let step = 0; step < 20; step += 1) {
        rig.run(MINUTE);
        rig.restart();
      }
      expect(rig.kinds()).toEqual(["opened", "resolved"]);
    },
  );
});

describe("pain 7: episodes", () => {
  it("five separate ones are five notices with five ends", () => {
    const rig = new Rig();
    for (let episode = 0; episode < 5; episode += 1) {
      const id = rig.open({ service: "api", ordinal: 0 });
      rig.run(2 * MINUTE);
      rig.recover(id);
      rig.run(13 * MINUTE);
    }
    expect(rig.kinds()).toEqual(Array.from({ length: 5 }, () => ["opened", "resolved"]).flat());
    expect(new Set(rig.drafts.map(({ entries }) => entries[0]?.incident)).size).toBe(5);
  });

  it("an end is told only after it held", () => {
    const rig = new Rig();
    const id = rig.open({ service: "api", ordinal: 0 });
    rig.run(10_000);
    rig.recover(id);
    rig.run(END_HOLD_MS - 1_000);
    expect(rig.kinds()).toEqual(["opened"]);
    rig.run(2_000);
    expect(rig.kinds()).toEqual(["opened", "resolved"]);
  });
});
