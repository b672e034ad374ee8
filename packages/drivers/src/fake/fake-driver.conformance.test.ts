// The fake driver passes the suite of the real ones; the machine's clock stands for time, because the suite itself waits for events.
import { systemClock, type Workload } from "@flyball/core";
import { describe, it } from "vitest";
import { driverConformance, type ConformanceProgram } from "../v1/conformance.ts";
import { createFakeDriver } from "./fake-driver.ts";
import type { FakeKnobs } from "./fake-knobs.ts";

function knobsOf(workload: Workload): Partial<FakeKnobs> {
  const program = JSON.parse(workload.command?.[1] ?? "null") as ConformanceProgram;
  const common: Partial<FakeKnobs> = {
    startDelayMs: 1,
    stopDelayMs: 1,
    refuses: workload.labels["refused"] ? [{ field: "labels.refused", reason: "the suite asks for a refusal" }] : [],
    runCommand: ([name = ""]) => {
      const results = { answer: { code: 0, output: "42", delayMs: 1 }, fail: { code: 3, output: "", delayMs: 0 } };
      return name in results ? results[name as keyof typeof results] : { code: 0, output: "", delayMs: 60_000 };
    },
  };
  switch (program.kind) {
    case "exits":
      return { ...common, crashAfterMs: program.afterMs, exitCode: program.code };
    case "stubborn":
      return { ...common, ignoresStopSignal: true, output: ["ready"] };
    case "prints":
      return { ...common, output: program.lines };
    case "unstartable":
      return { ...common, failToStart: "the suite asks for a failure" };
    default:
      return common;
  }
}

driverConformance({
  name: "fake",
  test: { describe, it },
  async create() {
    const options = { clock: systemClock, random: Math.random, knobs: knobsOf };
    const driver = createFakeDriver(options);
    return {
      driver,
      reconnect: async () => createFakeDriver({ ...options, target: driver.target }),
      dispose: async () => {},
    };
  },
  makeWorkload: ({ service, specHash, program, ports, stopGraceMs }) => ({
    app: "suite",
    clone: "0000",
    service,
    kind: "service",
    specHash,
    command: ["fake", JSON.stringify(program)],
    workingDirectory: "/",
    environment: {},
    ports,
    volumes: [],
    configs: [],
    secrets: [],
    resources: { limits: {}, reservations: {} },
    stopSignal: "SIGTERM",
    stopGraceMs,
    labels: {},
  }),
  refused: { change: { labels: { refused: "yes" } }, field: "labels.refused" },
  commands: {
    succeeding: { command: ["answer"], output: "42" },
    failing: { command: ["fail"], code: 3 },
    hanging: { command: ["hang"] },
  },
});
