// What every stream reader keeps, whatever a server sends in whatever order: a part has one begin and one end, its deltas stand between
// them, and nothing of a part comes after the end of the answer.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DialectName, StreamStep } from "./dialect.ts";
import { findDialect } from "./find-dialect.ts";
import { splitFrames } from "../stream/split-frames.ts";
import { fixturesIn, TESTDATA } from "./testdata/golden-file.ts";

const NAMES: readonly DialectName[] = ["openai-chat", "openai-responses", "anthropic-messages"];

function framesOf(dialect: DialectName): readonly string[] {
  const folder = join(TESTDATA, "streams", dialect);
  const all = fixturesIn(folder, ".sse").flatMap((name) =>
    splitFrames(readFileSync(join(folder, `${name}.sse`))).map((frame) => frame.toString().trimEnd()),
  );
  return [...new Set(all)];
}

/** The steps of a stream up to its first error, or to its end. */
function readAll(dialect: DialectName, frames: readonly string[]): readonly StreamStep[] {
  const reader = findDialect(dialect).createStreamReader();
  const steps: StreamStep[] = [];
  for (const frame of frames) {
    steps.push(reader.read(frame));
    if (steps.at(-1)?.reading.kind === "error") return steps;
  }
  return [...steps, reader.close()];
}

/** What is wrong with the parts of a stream; undefined: nothing. */
function faultIn(steps: readonly StreamStep[]): string | undefined {
  const seen = new Set<number>();
  const open = new Set<number>();
  let isOver = false;
  for (const event of steps.flatMap(({ events }) => events)) {
    if (!("part" in event)) {
      if (event.kind === "end" && isOver) return "two ends";
      if (event.kind === "end" && open.size > 0) return `the end leaves ${[...open].join()} open`;
      isOver ||= event.kind === "end";
      continue;
    }
    const { part } = event;
    if (isOver) return `${event.kind} of ${part} after the end`;
    if (event.kind === "part-begin") {
      if (seen.has(part)) return `${part} begins twice`;
      seen.add(part);
      open.add(part);
    } else if (!open.has(part)) return `${event.kind} of ${part}, which is not open`;
    if (event.kind === "part-end") open.delete(part);
  }
  return undefined;
}

describe.each(NAMES)("a stream of %s", (dialect) => {
  const frames = framesOf(dialect);

  it("closes every part that it opens, whatever frames come in whatever order", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...frames), { maxLength: 14 }), (some) => {
        expect(faultIn(readAll(dialect, some))).toBeUndefined();
      }),
      { numRuns: 3_000 },
    );
  });

  it("closes every part of a recorded stream into which frames were mixed", () => {
    const [folder, names] = [join(TESTDATA, "streams", dialect), ["text", "reasoning", "tools-parallel"]];
    const mixed = fc.tuple(fc.constantFrom(...names), fc.array(fc.tuple(fc.nat(40), fc.constantFrom(...frames))));
    fc.assert(
      fc.property(mixed, ([name, more]) => {
        const stream = splitFrames(readFileSync(join(folder, `${name}.sse`))).map((frame) =>
          frame.toString().trimEnd(),
        );
        for (const [at, frame] of more) stream.splice(Math.min(at, stream.length), 0, frame);
        expect(faultIn(readAll(dialect, stream))).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("an Anthropic stream that begins a second time", () => {
  const start = `event: message_start\ndata: ${JSON.stringify({ type: "message_start", message: { id: "m", model: "c", usage: { input_tokens: 3, output_tokens: 1 } } })}`;

  it("is an error: what came is of two messages", () => {
    const block = { type: "content_block_start", index: 0, content_block: { type: "text", text: "a" } };
    const steps = readAll("anthropic-messages", [start, `data: ${JSON.stringify(block)}`, start]);
    expect(steps.at(-1)?.reading).toEqual({ kind: "error", reason: "a second message_start" });
  });
});
