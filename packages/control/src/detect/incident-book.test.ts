import { createFakeClock, seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { openSqliteStore } from "../store/sqlite-store.ts";
import type { NewEvent } from "../store/store.ts";
import { composeText, verbatim } from "../texts/compose-text.ts";
import { createIncidentBook, type IncidentBook, type NewIncident } from "./incident-book.ts";

function rig(): {
  book: IncidentBook;
  events: NewEvent[];
  clock: ReturnType<typeof createFakeClock>;
  fault: NewIncident;
} {
  const clock = createFakeClock(1_000_000);
  const events: NewEvent[] = [];
  const store = openSqliteStore(":memory:");
  const book = createIncidentBook({
    store,
    clock,
    random: seededRandom(1),
    goodWindowMs: 10_000,
    onEvent: (event) => void events.push(event),
  });
  const fault: NewIncident = {
    class: "process-exit",
    subject: { service: "api", ordinal: 0 },
    revision: 1,
    began: { lastGood: 999_000, firstBad: 999_500, source: "evidence" },
    summary: composeText("exit.summary", { instance: "api/0", how: composeText("exit.code", { code: 1 }) }),
    evidence: verbatim("exit code 1"),
    source: "driver",
  };
  return { book, events, clock, fault };
}

describe("the incident book", () => {
  it("makes one incident of one cause, however often it is reported", () => {
    const { book, events, fault } = rig();
    const first = book.report(fault);
    expect(book.report({ ...fault, evidence: verbatim("again") }).id).toBe(first.id);
    expect(book.report({ ...fault, subject: { service: "api", ordinal: 1 } }).id).not.toBe(first.id);
    expect(events.map((event) => event.event)).toEqual(["incident-opened", "incident-opened"]);
    expect(book.open()[0]?.evidence).toHaveLength(2);
  });

  it("counts recovery from the last good moment to the start of the good window", async () => {
    const { book, events, clock, fault } = rig();
    const { id } = book.report(fault);
    await clock.advance(15_000);
    book.recover(id, 1_005_000);
    expect(events.at(-1)).toMatchObject({ event: "incident-recovered", totalMs: 6_000, detectionMs: 1_000 });
    const summary = {
      key: "exit.summary",
      values: { instance: "api/0", how: { key: "exit.code", values: { code: 1 } } },
    };
    for (const event of events)
      expect(event).toMatchObject({ summary: "api/0 exited with code 1", composed: { summary } });
    expect(book.open()).toEqual([]);
  });

  it("goes on with the same incident when the place fails again before its good window is over", () => {
    const { book, fault } = rig();
    const { id } = book.report(fault);
    book.update(id, (incident) => ({ ...incident, state: "recovering", capacityRecoveredAt: 1_000_500 }));
    const again = book.report({ ...fault, evidence: verbatim("it crashed again") });
    expect(again.id).toBe(id);
    expect(again.capacityRecoveredAt).toBeUndefined();
    expect(again.state).toBe("open");
  });

  it("keeps at most fifty notes of an incident, the newest last", () => {
    const { book, fault } = rig();
    for (let round = 0; round < 200; round += 1) book.report({ ...fault, evidence: verbatim(`note ${round}`) });
    const evidence = book.open()[0]?.evidence ?? [];
    expect(evidence).toHaveLength(50);
    expect(evidence.at(-1)?.text).toBe("note 199");
  });
});
