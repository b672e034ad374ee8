import { buildReport, type FaultDefinition, type RunRecord } from "@flyball/drill";
import { describe, expect, it } from "vitest";
import { en } from "../../messages/en.ts";
import { createTranslate } from "../../messages/translate.ts";
import { zh } from "../../messages/zh.ts";
import { plainStyle } from "../../output/style.ts";
import { drillText } from "../drill-text.ts";
import { drillPage } from "./drill-page.ts";

const FAULT: FaultDefinition = {
  id: "crash",
  title: { en: "An instance <is> killed", zh: "一个实例被杀死" },
  victim: "instance",
  injection: { kind: "signal", signal: "SIGKILL" },
  needs: [],
  leaseMs: 30_000,
  expect: { incidents: ["process-exit"], trafficMs: 100, never: [] },
};
const RUN: RunRecord = {
  index: 0,
  seed: 1,
  fault: "crash",
  outcome: { kind: "measured" },
  victim: { service: "web", ordinals: [1], pids: [7] },
  loadFrom: 0,
  injectedAt: 1_000,
  undoneAt: 12_000,
  loadUntil: 13_000,
  endedAt: 13_100,
  perSecond: 10,
  goodWindowMs: 10_000,
  replicas: { web: 2 },
  requests: Array.from({ length: 130 }, (_, id) => ({
    id,
    name: "web GET /",
    dueAt: id * 100,
    sentAt: id * 100,
    endedAt: id * 100 + 10,
    end: "answered" as const,
    status: id > 10 && id < 16 ? 502 : 200,
  })),
  incidents: [],
  events: [],
};
const REPORT = buildReport(
  {
    app: "qa",
    at: 0,
    command: "flyball drill run crash",
    seed: 1,
    rounds: 1,
    perSecond: 10,
    goodWindowMs: 10_000,
    version: "0.1.0",
    node: "v24",
    processors: 2,
    isShadow: false,
  },
  [FAULT],
  [RUN],
);

describe("the page of a drill", () => {
  it.each([
    ["en", en, "An instance &lt;is&gt; killed"],
    ["zh", zh, "一个实例被杀死"],
  ] as const)("loads nothing and has a table for its picture, in %s", (language, messages, title) => {
    const page = drillPage(REPORT, { language, translate: createTranslate(messages), version: "0.1.0" });
    expect(page).toContain(title);
    expect(page).not.toMatch(/<script|(?:src|href)="(?!data:)|url\(/);
    expect(page.match(/<svg class="plot (wide|narrow)"/g)).toHaveLength(2);
    expect(page.match(/<details>/g)).toHaveLength(1);
    expect(page).toContain(createTranslate(messages)("drill.page.late"));
  });

  it("says the same as the terminal: what was missed, and by how much", () => {
    const translate = createTranslate(en);
    const text = drillText(REPORT, translate, plainStyle);
    expect(text).toContain("✗ crash: traffic FRT 600 ms, at most 100 ms");
    expect(text).toContain("✗ crash: incident -, expected process exit");
    expect(drillPage(REPORT, { language: "en", translate, version: "0.1.0" })).toContain(
      "traffic FRT 600 ms, at most 100 ms",
    );
  });
});
