import type { Incident } from "@flyball/core";
import { expect, test } from "vitest";
import { en } from "../messages/en.ts";
import { createTranslate } from "../messages/translate.ts";
import { zh } from "../messages/zh.ts";
import { plainStyle } from "../output/style.ts";
import { formatExactMoment } from "./moment.ts";
import { renderTimeline } from "./render-timeline.ts";

const incident: Incident = {
  id: "inc_1",
  number: 4,
  class: "failed-requests",
  subject: { service: "api", ordinal: 1 },
  revision: 2,
  began: { lastGood: 9_700, firstBad: 10_000, source: "evidence" },
  detectedAt: 10_600,
  decidedAt: 10_600,
  actedAt: 10_600,
  trafficRecoveredAt: 10_800,
  recoveredAt: 43_000,
  goodWindowMs: 10_000,
  state: "recovered",
  summary: "requests fail at api/1",
  evidence: [{ at: 10_600, source: "gateway", text: "4 of 4 attempts failed" }],
  actions: [
    { at: 10_600, action: "eject", rung: "eject", next: "restart", reason: "ejection is next" },
    { at: 40_600, action: "restart", rung: "restart", reason: "still failing\nlast lines", undo: "flyball down" },
    { at: 42_000, action: "advise", rung: "ask", isAdvice: true, reason: "Try: flyball incidents show 4" },
  ],
  dependants: [{ service: "web" }],
};

test("an incident is drawn in the order of time, from its first bad sign, with the silences between", () => {
  expect(renderTimeline(incident, createTranslate(en), plainStyle)).toBe(
    [
      "Incident 4: requests fail at api/1",
      "detection 900 ms, recovery 32.4 s, FRT 33.3 s (window 10 s)",
      "SUFFER FROM IT: web",
      `             ${formatExactMoment(10_000)}`,
      "     −300 ms ✓ last good",
      "           0 ✗ first bad",
      "     +600 ms · seen  gateway: 4 of 4 attempts failed",
      "     +600 ms ! detected",
      "     +600 ms ? decided",
      "     +600 ms ▶ acted  eject: ejection is next",
      "             │     next if it does not help: restart",
      "     +800 ms ✓ served again",
      "             │",
      "             │",
      "     +30.6 s ▶ acted  restart: still failing",
      "             │     last lines",
      "             │     taken back by: flyball down",
      "             │",
      "       +32 s ○ advised  ask: Try: flyball incidents show 4",
      "             │",
      "       +33 s ✓ recovered",
    ].join("\n"),
  );
});

test("in Chinese its words are Chinese, and one that lasts has no end", () => {
  const { recoveredAt: _recovered, dependants: _dependants, ...open } = incident;
  const lines = renderTimeline({ ...open, state: "open" }, createTranslate(zh), plainStyle).split("\n");
  expect(lines[1]).toBe("检测 900 ms，恢复 -，FRT -");
  expect(lines).toContain("     +600 ms ! 检测到");
  expect(lines.some((line) => line.includes("已恢复"))).toBe(false);
});
