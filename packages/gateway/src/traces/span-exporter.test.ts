import { NO_USAGE, type LedgerRecord } from "@flyball/core";
import { createFakeClock } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { describe, expect, it } from "vitest";
import type { FinishedCall } from "./finished-call.ts";
import type { ExportOutcome } from "./post-spans.ts";
import { createSpanExporter } from "./span-exporter.ts";

function rig(...outcomes: readonly ExportOutcome[]) {
  const clock = createFakeClock();
  const bodies: string[] = [];
  const lines: string[] = [];
  const queue = [...outcomes];
  const exporter = createSpanExporter({
    resource: {},
    post(body) {
      bodies.push(body);
      return Promise.resolve(queue.shift() ?? { kind: "taken" });
    },
    clock,
    logger: createLogger({ clock, level: "info", write: (line) => void lines.push(line) }),
  });
  return { clock, exporter, bodies, lines };
}

const CALL: FinishedCall = {
  record: {
    model: "chat",
    attempts: [],
    usage: NO_USAGE,
    cost: { usd: 0, cny: 0, isUnknown: false },
    time: 0,
    durationMs: 1,
    outcome: "answered",
  } as Partial<LedgerRecord> as LedgerRecord,
  trace: { traceId: "a", spanId: "b", parentSpanId: undefined, isSampled: true, attempts: [] },
  asked: {
    operation: "chat",
    isStream: false,
    maxTokens: 1,
    temperature: undefined,
    topP: undefined,
    seed: undefined,
    choices: 1,
  },
};
const calls = (count: number): FinishedCall[] => Array.from({ length: count }, () => CALL);
const spansIn = (body: string): number => body.split('"spanId"').length - 1;
const busy: ExportOutcome = { kind: "busy", reason: "status 503", retryAfterMs: undefined };

describe("createSpanExporter", () => {
  it("sends a full batch at once and the rest each second", async () => {
    const { exporter, bodies, clock } = rig();
    await clock.advance(3_000);
    exporter.add(calls(10), 0);
    expect(bodies).toHaveLength(0);
    await clock.advance(1_000);
    expect(exporter.stats.exported).toBe(10);
    exporter.add(calls(300), 0);
    await clock.settle();
    expect(exporter.stats.exported).toBe(310);
    expect(bodies.map(spansIn)).toEqual([10, 256, 44]);
  });

  it("tries a busy collector again with growing pauses and sends nothing else meanwhile", async () => {
    const { exporter, bodies, clock } = rig(busy, busy);
    exporter.add(calls(256), 0);
    await clock.settle();
    exporter.add(calls(256), 0);
    await clock.advance(999);
    expect(bodies).toHaveLength(1);
    await clock.advance(1);
    expect(bodies).toHaveLength(2);
    await clock.advance(1_999);
    expect(bodies).toHaveLength(2);
    await clock.advance(1);
    expect(bodies).toHaveLength(4);
    expect(bodies[0]).toBe(bodies[2]);
    expect(exporter.stats).toEqual({ exported: 512, dropped: 0, waiting: 0 });
  });

  it("drops what a collector refuses, says so once, and goes on", async () => {
    const refused: ExportOutcome = { kind: "refused", reason: "status 400" };
    const { exporter, lines, clock } = rig(refused, refused);
    exporter.add(calls(256), 0);
    exporter.add(calls(256), 0);
    exporter.add(calls(256), 3);
    await clock.settle();
    expect(exporter.stats).toEqual({ exported: 256, dropped: 515, waiting: 0 });
    expect(lines).toHaveLength(1);
  });

  it("holds at most its bound while the collector is away", async () => {
    const { exporter, clock } = rig(busy);
    exporter.add(calls(256), 0);
    await clock.settle();
    exporter.add(calls(5_000), 0);
    expect(exporter.stats).toMatchObject({ waiting: 4_096, dropped: 904 });
  });

  it("sends what is left when it stops", async () => {
    const { exporter } = rig();
    exporter.add(calls(5), 0);
    await exporter.stop(1_000);
    expect(exporter.stats).toEqual({ exported: 5, dropped: 0, waiting: 0 });
  });
});
