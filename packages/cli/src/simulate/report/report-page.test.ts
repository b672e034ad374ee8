// The page as far as it can be judged without a browser: contrast of its colours in both themes, and that nothing is drawn outside of a picture.
import { describe, expect, it } from "vitest";
import { createTranslate } from "../../messages/translate.ts";
import { zh } from "../../messages/zh.ts";
import { CURVE_SHARES, type CaseResult } from "../case-result.ts";
import type { SimulationReport } from "../simulation-report.ts";
import { PAGE_STYLE } from "../../page/page-style.ts";
import { linearAxis, logAxis } from "../../page/plot-axis.ts";
import { reportPage } from "./report-page.ts";

const spread = (value: number) => ({
  mean: value,
  p50: value,
  p90: value,
  p95: value,
  p99: value * 2,
  max: value * 900,
});
const client = (name: string, slowdown: number) => ({
  client: name,
  requests: 9,
  meanWaitMs: 1,
  maxWaitMs: 2,
  meanTtftMs: 1,
  p99TtftMs: 1,
  slowdown,
  service: 1,
});

function caseOf(policy: string, change: Partial<CaseResult>): CaseResult {
  return {
    policy,
    pool: "4 × 8b-a100",
    replicas: 4,
    requestsPerSecond: 5,
    loadFactor: 1,
    isSweep: false,
    requests: 100,
    notServed: 0,
    ttft: spread(200),
    itl: spread(20),
    latency: spread(5_000),
    ttftCurve: CURVE_SHARES.map((share) => 0.01 * 1e7 ** share),
    itlCurve: CURVE_SHARES.map((share) => 5 + share * 200),
    goodShare: 0.97,
    goodput: 4.85,
    flow: { inSystem: 1, requestsPerSecond: 5, latencyMs: 200 },
    fairness: 0.9,
    clients: [client("客户端名称非常非常非常非常非常非常长", 400), client("a & b", 0.9)],
    enginePreemptions: 0,
    cacheHit: 0,
    replicaHours: 4,
    goodPerReplicaHour: 24,
    ...change,
  };
}

const POLICIES = Array.from({ length: 10 }, (_, index) => `policy ${index}`);
const report: SimulationReport = {
  trace: {
    name: "t.csv",
    requests: 100,
    spanMs: 20_000,
    requestsPerSecond: 5,
    inputTokens: 100,
    outputTokens: 20,
    clients: 2,
    arrivalVariation: 1,
    hasPrefixes: false,
    skipped: {},
    problemCount: 0,
    problems: [],
  },
  objective: { ttftMs: 2_000, tpotMs: 100 },
  seed: 1,
  cases: [
    ...POLICIES.map((policy) => caseOf(policy, {})),
    ...POLICIES.map((policy) => caseOf(policy, { requestsPerSecond: 7.5, loadFactor: 1.5, isSweep: true, goodput: 5 })),
  ],
};
const page = reportPage(report, { language: "zh", translate: createTranslate(zh), version: "1.2.3" });

describe("reportPage", () => {
  it("draws inside of its pictures", () => {
    const pictures = [...page.matchAll(/<svg class="plot" viewBox="0 0 (\d+) (\d+)".*?<\/svg>/gs)];
    expect(pictures).toHaveLength(5);
    for (const [picture, width, height] of pictures) {
      const xs = [...picture.matchAll(/ (?:x|x1|x2|cx)="(-?[\d.]+)"/g)].map(([, text]) => Number(text));
      const ys = [...picture.matchAll(/ (?:y|y1|y2|cy)="(-?[\d.]+)"/g)].map(([, text]) => Number(text));
      const path = [...picture.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)];
      expect(xs.length).toBeGreaterThan(5);
      for (const x of [...xs, ...path.map(([, text]) => Number(text))]) expect(x >= 0 && x <= Number(width)).toBe(true);
      for (const y of [...ys, ...path.map(([, , text]) => Number(text))])
        expect(y >= 0 && y <= Number(height)).toBe(true);
    }
  });

  it("draws eight cases, says that there are more, and has all in the overview", () => {
    expect(page).toContain("图中只显示 10 种情形中的前 8 种");
    expect(page.match(/<th scope="row">policy 9<\/th>/g)?.length).toBeGreaterThan(0);
    const [distribution = ""] = page.match(/<figure>.*?<\/figure>/s) ?? [];
    expect(distribution.match(/<path /g)).toHaveLength(8);
  });

  it("cuts long names in pictures and keeps them in tables", () => {
    expect(page).toContain("客户端名称非常非常非常非常非…</text>");
    expect(page).toContain("客户端名称非常非常非常非常非常非常长</th>");
    expect(page).toContain("a &amp; b</text>");
  });
});

/** WCAG 2.2: relative luminance of `#rrggbb` or `#rgb`. */
function luminance(colour: string): number {
  const digits =
    colour.length === 4 ? Array.from(colour.slice(1), (digit) => digit + digit) : (colour.match(/[0-9a-f]{2}/g) ?? []);
  const [red = 0, green = 0, blue = 0] = digits.map((text) => {
    const share = Number.parseInt(text, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((one, other) => other - one) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

describe("PAGE_STYLE", () => {
  const [light = "", dark = ""] = PAGE_STYLE.match(/:root\{[^}]*\}/g) ?? [];
  it.each([
    ["light", light],
    ["dark", dark],
  ])("keeps WCAG AA in the %s theme", (_name, theme) => {
    const colours = Object.fromEntries(
      [...theme.matchAll(/--([\w-]+):(#[0-9a-f]{3,6})/g)].map(([, name, value]) => [name, value ?? ""]),
    );
    for (const back of ["back", "card"]) {
      for (const text of ["text", "soft"])
        expect(contrast(colours[text] ?? "", colours[back] ?? "")).toBeGreaterThanOrEqual(4.5);
      for (let series = 0; series < 8; series += 1)
        expect(contrast(colours[`series-${series}`] ?? "", colours[back] ?? "")).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colours["bound"] ?? "", colours[back] ?? "")).toBeGreaterThanOrEqual(3);
    }
  });
});

describe("axes", () => {
  it("end at a round number with ticks in equal steps", () => {
    expect(linearAxis(0.97).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearAxis(23).ticks).toEqual([0, 5, 10, 15, 20, 25]);
    expect(linearAxis(0).ticks.length).toBeGreaterThan(1);
    expect(linearAxis(20).place(5)).toBeCloseTo(0.25);
  });

  it("are decades on a logarithmic scale, held within", () => {
    expect(logAxis(30, 800).ticks).toEqual([10, 20, 50, 100, 200, 500, 1_000]);
    expect(logAxis(3, 80_000).ticks).toEqual([1, 10, 100, 1_000, 10_000, 100_000]);
    expect(logAxis(10, 1_000).place(100)).toBeCloseTo(0.5);
    expect(logAxis(10, 1_000).place(0)).toBe(0);
  });
});
