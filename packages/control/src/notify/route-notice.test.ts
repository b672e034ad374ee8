import { INCIDENT_CLASSES, type NoticeRoute, type NotifySpec } from "@flyball/core";
import { expect, it } from "vitest";
import { routeNotice } from "./route-notice.ts";
import { severityOf } from "./severity.ts";
import { makeEntry } from "./testdata/make-entry.ts";

const CRASH = makeEntry({ incident: 1 });
const STALL = makeEntry({ incident: 2, class: "engine-stalled", severity: "critical", service: "llm" });

function routed(...routes: readonly NoticeRoute[]): Readonly<Record<string, readonly number[]>> {
  const notify: NotifySpec = {
    channels: { ops: { type: "webhook", url: "" }, chat: { type: "slack", url: "" } },
    routes,
    groupWaitMs: 0,
    repeatMs: 0,
    language: "en",
  };
  const parts = routeNotice({ kind: "opened", at: 0, entries: [CRASH, STALL] }, notify);
  return Object.fromEntries([...parts].map(([name, { entries }]) => [name, entries.map(({ incident }) => incident)]));
}

it("each channel gets the entries that one of its routes asks for, each once", () => {
  expect(routed({ to: ["ops", "chat"], from: "warning" })).toEqual({ ops: [1, 2], chat: [1, 2] });
  expect(routed({ to: ["ops"], from: "warning" }, { to: ["ops", "chat"], from: "critical" })).toEqual({
    ops: [1, 2],
    chat: [2],
  });
  expect(routed({ to: ["chat"], from: "warning", services: ["api"] })).toEqual({ chat: [1] });
  expect(routed({ to: ["chat"], from: "warning", classes: ["engine-stalled"], services: ["api"] })).toEqual({});
  expect(routed()).toEqual({});
});

it("every class has a severity, and one that a newer control wrote counts as critical", () => {
  for (const name of INCIDENT_CLASSES) expect(["warning", "critical"]).toContain(severityOf(name));
  expect(severityOf("alien" as never)).toBe("critical");
});
