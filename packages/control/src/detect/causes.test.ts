import type { Incident, IncidentClass } from "@flyball/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findCauses, type CauseInput, type ServiceHealth } from "./causes.ts";
import type { Suspect } from "./suspect.ts";

const text = { key: "verbatim", values: { text: "seen" } };

function suspect(service: string, ordinal: number | undefined, kind: IncidentClass, firstBad = 1_000): Suspect {
  return {
    class: kind,
    subject: { service, ...(ordinal === undefined ? {} : { ordinal }) },
    revision: 1,
    began: { lastGood: firstBad - 100, firstBad, source: "evidence" },
    summary: text,
    evidence: text,
    source: "gateway",
  };
}

function incident(service: string, ordinal: number | undefined, kind: IncidentClass, firstBad = 1_000): Incident {
  const { subject, began } = suspect(service, ordinal, kind, firstBad);
  return {
    id: `${service}/${ordinal ?? "all"}`,
    number: 1,
    class: kind,
    subject,
    revision: 1,
    began,
    detectedAt: firstBad,
    goodWindowMs: 10_000,
    state: "open",
    summary: "",
    evidence: [],
    actions: [],
  };
}

const own = (ready: readonly number[]): ServiceHealth => ({ ready, isExternal: false });

/** web needs api, api needs store and the model's llm. */
const NEEDS = new Map([
  ["web", ["api"]],
  ["api", ["store", "llm"]],
]);
const ALL_READY = new Map([
  ["web", own([0, 1])],
  ["api", own([0, 1, 2])],
  ["store", own([0])],
  ["llm", own([0, 1])],
]);

function input(changes: Partial<CauseInput>): CauseInput {
  return { suspects: [], open: [], needs: NEEDS, health: ALL_READY, down: new Map(), ...changes };
}

describe("causes", () => {
  it("a dependency that is down is the one cause, and all that fail above it are listed with it", () => {
    const { causes, following, innocent } = findCauses(
      input({
        suspects: [
          suspect("api", 0, "failed-requests", 1_200),
          suspect("api", 1, "failed-requests", 1_250),
          suspect("web", 1, "failed-health", 1_400),
          suspect("store", 0, "failed-health"),
        ],
      }),
    );
    expect(causes).toHaveLength(1);
    expect(causes[0]).toMatchObject({
      suspect: { subject: { service: "store" } },
      dependants: [{ service: "api" }, { service: "web" }],
    });
    expect([following, innocent.length]).toEqual([[], 3]);
  });

  it("they follow from an incident that is open already, also when nothing of the dependency runs any more", () => {
    const open = [incident("store", 0, "process-exit")];
    const health = new Map([...ALL_READY, ["store", own([])] as const]);
    const { causes, following } = findCauses(input({ suspects: [suspect("web", 0, "slow", 2_000)], open, health }));
    expect(causes).toEqual([]);
    expect(following).toEqual([{ incident: "store/0", dependants: [{ service: "web" }] }]);
  });

  it("a dependency of which one instance is good is no excuse", () => {
    const suspects = [suspect("llm", 0, "failed-requests"), suspect("api", 0, "failed-requests", 1_100)];
    expect(findCauses(input({ suspects })).causes.map((cause) => cause.suspect.subject)).toEqual([
      { service: "llm", ordinal: 0 },
      { service: "api", ordinal: 0 },
    ]);
  });

  it("nor is one that fell ill long after", () => {
    const suspects = [suspect("store", 0, "failed-health", 60_000), suspect("api", 0, "failed-requests", 1_000)];
    expect(findCauses(input({ suspects })).innocent).toEqual([]);
  });

  it("an incident that is recovering is over as a cause", () => {
    const open = [{ ...incident("store", 0, "process-exit"), state: "recovering" as const }];
    expect(findCauses(input({ suspects: [suspect("api", 0, "failed-requests", 2_000)], open })).causes).toHaveLength(1);
  });

  it("a service outside is down when it is suspected", () => {
    const health = new Map([...ALL_READY, ["store", { ready: [], isExternal: true }] as const]);
    const suspects = [suspect("store", undefined, "dependency-down"), suspect("api", 2, "slow", 1_500)];
    const { causes } = findCauses(input({ suspects, health }));
    expect(causes).toMatchObject([{ suspect: { class: "dependency-down" }, dependants: [{ service: "api" }] }]);
  });

  it("what all instances share is one fault of the service, and takes up what was opened for one of them before", () => {
    const suspects = [suspect("api", 1, "failed-requests", 1_300), suspect("api", 2, "failed-requests", 1_200)];
    const { causes } = findCauses(input({ suspects, open: [incident("api", 0, "failed-requests", 1_100)] }));
    expect(causes).toHaveLength(1);
    expect(causes[0]).toMatchObject({
      suspect: { subject: { service: "api" }, began: { firstBad: 1_100 } },
      absorbs: ["api/0"],
    });
    expect(causes[0]?.suspect.subject).toEqual({ service: "api" });
  });

  it("one of one is a fault of the instance, and instances that answer nothing are each their own", () => {
    expect(findCauses(input({ suspects: [suspect("store", 0, "failed-requests")] })).causes).toMatchObject([
      { suspect: { subject: { ordinal: 0 } } },
    ]);
    const frozen = [0, 1, 2].map((ordinal) => suspect("api", ordinal, "frozen"));
    expect(findCauses(input({ suspects: frozen })).causes).toHaveLength(3);
  });

  it("what says by itself where the fault is follows from nobody", () => {
    const suspects = [suspect("store", 0, "failed-health"), suspect("api", 0, "engine-stalled")];
    expect(findCauses(input({ suspects })).innocent).toEqual([]);
  });

  it("services that need each other in a circle end in a verdict", () => {
    const needs = new Map([
      ["web", ["api"]],
      ["api", ["web"]],
    ]);
    const suspects = [suspect("web", 0, "failed-requests"), suspect("web", 1, "failed-requests")];
    expect(findCauses(input({ suspects, needs })).causes).toHaveLength(1);
  });

  it("nobody is both guilty and innocent, no suspect is lost, and with a suspect there is a cause or an open incident that it follows from", () => {
    const names = ["web", "api", "store", "llm"];
    const kinds: IncidentClass[] = ["failed-requests", "failed-health", "slow", "frozen", "process-exit"];
    const suspects = fc.array(
      fc
        .tuple(fc.constantFrom(...names), fc.integer({ min: 0, max: 2 }), fc.constantFrom(...kinds), fc.nat(40_000))
        .map(([service, ordinal, kind, at]) => suspect(service, ordinal, kind, at)),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(suspects, suspects, (seen, before) => {
        const open = before.map(({ subject, class: kind, began }) =>
          incident(subject.service, subject.ordinal, kind, began.firstBad),
        );
        const { causes, following, innocent } = findCauses(input({ suspects: seen, open }));
        const guilty = new Set(causes.map((cause) => cause.suspect.subject.service));
        for (const each of seen) expect(innocent.includes(each) || guilty.has(each.subject.service)).toBe(true);
        const listed = new Set(
          [...causes, ...following].flatMap(({ dependants }) => dependants.map(({ service }) => service)),
        );
        for (const { subject } of innocent) expect(listed).toContain(subject.service);
      }),
    );
  });
});
