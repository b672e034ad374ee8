// Streams of each dialect (testdata/README.md says where they come from) through its reader and every dialect's writer.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AnswerIdentity, DialectName, StreamStep, StreamWriter } from "./dialect.ts";
import { findDialect } from "./find-dialect.ts";
import { splitFrames } from "../stream/split-frames.ts";
import { collectAnswer } from "./testdata/collect-answer.ts";
import { expectGolden, fixturesIn, TESTDATA } from "./testdata/golden-file.ts";

const NAMES: readonly DialectName[] = ["openai-chat", "openai-responses", "anthropic-messages"];
const IDENTITY: AnswerIdentity = { id: "id_1", model: "alias", createdSeconds: 1_767_225_600 };

function readFixture(dialect: DialectName, name: string): StreamStep[] {
  const bytes = readFileSync(join(TESTDATA, "streams", dialect, `${name}.sse`));
  const reader = findDialect(dialect).createStreamReader();
  return [...splitFrames(bytes).map((frame) => reader.read(frame.toString().trimEnd())), reader.close()];
}

function writeAll(steps: readonly StreamStep[], writer: StreamWriter): string {
  const fault = { status: 502, code: "FB_GATEWAY_STREAM_CUT", message: "the stream broke off", requestId: "req-1" };
  let out = "";
  for (const { reading, events } of steps) {
    for (const event of events) out += writer.write(event);
    if (reading.kind === "error") return out + writer.writeError(fault);
  }
  return out;
}

describe.each(NAMES)("streams of %s", (dialect) => {
  const folder = join(TESTDATA, "streams", dialect);

  it.each(fixturesIn(folder, ".sse"))("%s reads and writes as its golden file says", (name) => {
    const steps = readFixture(dialect, name);
    const lines = steps.map(
      ({ reading, events }) =>
        `${JSON.stringify(reading)}\n${events.map((event) => `  ${JSON.stringify(event)}\n`).join("")}`,
    );
    const outputs = NAMES.map((target) => {
      const writer = findDialect(target).createStreamWriter(IDENTITY, { wantsUsage: true });
      return `==== ${target}\n${writeAll(steps, writer)}`;
    });
    expectGolden(join(folder, `${name}.golden.txt`), `==== read\n${lines.join("")}${outputs.join("")}`);
  });

  it.each(fixturesIn(folder, ".sse"))("%s ends whole or in an error, never as a clean short answer", (name) => {
    const steps = readFixture(dialect, name);
    const mustFail = name === "cut" || name.startsWith("error");
    expect(steps.some(({ reading }) => reading.kind === "error")).toBe(mustFail);
    const events = steps.flatMap((step) => step.events);
    expect(events.some((event) => event.kind === "done")).toBe(!mustFail);
    if (!mustFail) expect(() => collectAnswer(events)).not.toThrow();
  });

  it.each(fixturesIn(folder, ".sse").filter((name) => name !== "cut" && !name.startsWith("error")))(
    "%s says the same after every translation",
    (name) => {
      const steps = readFixture(dialect, name);
      const answer = collectAnswer(steps.flatMap((step) => step.events));
      for (const target of NAMES) {
        const { createStreamReader, createStreamWriter } = findDialect(target);
        const reader = createStreamReader();
        const frames = writeAll(steps, createStreamWriter(IDENTITY, { wantsUsage: true })).split("\n\n");
        const again = collectAnswer(frames.filter(Boolean).flatMap((frame) => reader.read(frame).events));
        const calls = answer.parts.filter((part) => part.kind === "tool-call");
        expect(again.parts.filter((part) => part.kind === "tool-call")).toEqual(calls);
        const textOf = ({ parts }: typeof answer): string =>
          parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
        expect(textOf(again)).toBe(textOf(answer));
        if (answer.end !== "stop-sequence") expect(again.end).toBe(answer.end);
      }
    },
  );
});
