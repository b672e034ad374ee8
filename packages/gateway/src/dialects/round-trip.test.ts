// Each dialect's writer and reader against each other, and its reader against streams that nobody should send.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DialectName } from "./dialect.ts";
import { findDialect } from "./find-dialect.ts";
import type { NormalAnswer } from "./normal-form/normal-answer.ts";
import type { NormalEvent } from "./normal-form/normal-event.ts";
import { splitFrames } from "../stream/split-frames.ts";
import { collectAnswer } from "./testdata/collect-answer.ts";

const IDENTITY = { id: "id_1", model: "alias", createdSeconds: 1 };
const text = fc.string({ minLength: 1, unit: "binary" }).map((value) => value.toWellFormed());

type Part = NormalAnswer["parts"][number];
const toolCall = fc
  .record({ name: fc.string({ minLength: 1 }), value: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })) })
  .map(({ name, value }): Part => ({ kind: "tool-call", id: "", name, argumentsText: JSON.stringify(value) }));
const answerParts = fc
  .tuple(fc.option(text), fc.option(text), fc.array(toolCall, { maxLength: 4 }))
  .filter(([thinking, said, calls]) => thinking !== null || said !== null || calls.length > 0)
  .map(([thinking, said, calls]): Part[] => [
    ...(thinking === null ? [] : [{ kind: "thinking", text: thinking, signature: undefined } as const]),
    ...(said === null ? [] : [{ kind: "text", text: said } as const]),
    ...calls.map((call, index) => ({ ...call, id: `call_${index}` }) as Part),
  ]);

/** The events of parts whose texts are cut in pieces; tool calls are interleaved as `order` says. */
function eventsOf(parts: readonly Part[], pieces: number, order: readonly number[]): NormalEvent[] {
  const events: NormalEvent[] = [{ kind: "begin", id: "x", model: "m", usage: undefined }];
  const waiting: NormalEvent[][] = [];
  for (const [part, said] of parts.entries()) {
    const opens = said.kind === "tool-call" ? { kind: said.kind, id: said.id, name: said.name } : { kind: said.kind };
    const begin: NormalEvent = { kind: "part-begin", part, opens };
    const whole = said.kind === "tool-call" ? said.argumentsText : said.text;
    const size = Math.max(1, Math.ceil(whole.length / pieces));
    const kind = said.kind === "tool-call" ? "arguments" : said.kind;
    const deltas: NormalEvent[] = [];
    for (let at = 0; at < whole.length; at += size) deltas.push({ kind, part, text: whole.slice(at, at + size) });
    if (said.kind === "tool-call") {
      events.push(begin);
      waiting.push([...deltas, { kind: "part-end", part }]);
    } else events.push(begin, ...deltas, { kind: "part-end", part });
  }
  for (const pick of order) {
    const next = waiting[pick % Math.max(1, waiting.length)]?.shift();
    if (next) events.push(next);
  }
  events.push(...waiting.flat());
  const end = waiting.length > 0 ? "tool-calls" : "stop";
  return [...events, { kind: "end", end, stopSequence: undefined }, { kind: "done" }];
}

describe.each<DialectName>(["openai-chat", "openai-responses", "anthropic-messages"])("%s", (name) => {
  const { createStreamReader, createStreamWriter } = findDialect(name);

  it("reads back what it writes, however the pieces are cut and the calls interleaved", () => {
    fc.assert(
      fc.property(
        answerParts,
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.nat(5), { maxLength: 30 }),
        (parts, pieces, order) => {
          const events = eventsOf(parts, pieces, order);
          const writer = createStreamWriter(IDENTITY, { wantsUsage: true });
          const frames = splitFrames(Buffer.from(events.map((event) => writer.write(event)).join("")));
          const reader = createStreamReader();
          const steps = frames.map((frame) => reader.read(frame.toString().replace(/\n\n$/, "")));
          expect(steps.filter(({ reading }) => reading.kind === "error")).toEqual([]);
          expect(steps.at(-1)?.reading.kind).toBe("end");
          expect(collectAnswer(steps.flatMap((step) => step.events)).parts).toEqual(collectAnswer(events).parts);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("survives any frame, and says nothing after an error or an end", () => {
    const members = fc.constantFrom(
      "type",
      "choices",
      "delta",
      "content",
      "tool_calls",
      "index",
      "usage",
      "error",
      "response",
      "item",
      "output",
      "content_block",
      "part",
      "message",
      "function",
      "arguments",
    );
    const types = fc.constantFrom(
      "message_start",
      "content_block_start",
      "content_block_delta",
      "message_delta",
      "message_stop",
      "response.created",
      "response.output_item.added",
      "response.output_item.done",
      "response.completed",
      "response.output_text.delta",
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        types,
        fc.constantFrom(null, 0, -1, 1e300, true, "", "stop", "text", "tool_use", [], {}),
        fc.array(tie("any"), { maxLength: 2 }),
        fc.dictionary(members, tie("any"), { maxKeys: 4 }),
      ),
    })).any;
    const frame = fc.oneof(
      fc
        .tuple(fc.dictionary(members, value, { maxKeys: 4 }), fc.option(types, { nil: undefined }))
        .map(([body, type]) => `data: ${JSON.stringify({ ...body, ...(type ? { type } : {}) })}`),
      fc.string().map((line) => `data: ${line}`),
      fc.constantFrom("data: [DONE]", ": ping", "event: error", ""),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), (frames) => {
        const reader = createStreamReader();
        const steps = [...frames.map((item) => reader.read(item)), reader.close(), reader.close()];
        const last = steps.findIndex(({ reading }) => reading.kind === "error" || reading.kind === "end");
        expect(last).toBeGreaterThanOrEqual(0);
        for (const { reading, events } of steps.slice(last + 1)) expect([reading.kind, events]).toEqual(["held", []]);
        if (steps[last]?.reading.kind === "end")
          expect(() => collectAnswer(steps.flatMap((step) => step.events))).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });

  it("reads any request and answer without throwing", () => {
    const { readAnswer, readRequest } = findDialect(name);
    const members = fc.constantFrom(
      "messages",
      "input",
      "role",
      "content",
      "type",
      "tools",
      "choices",
      "message",
      "output",
      "tool_calls",
      "system",
      "source",
      "stop",
      "text",
      "model",
      "name",
      "function",
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(
          null,
          0,
          "user",
          "assistant",
          "tool",
          "message",
          "text",
          "tool_use",
          "image",
          "function",
          [],
          {},
        ),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(members, tie("any"), { maxKeys: 5 }),
      ),
    })).any;
    fc.assert(
      fc.property(value, (body) => {
        expect(["translated", "refused"]).toContain(readRequest(body).kind);
        expect(["translated", "refused"]).toContain(readAnswer(body).kind);
      }),
      { numRuns: 2_000 },
    );
  });
});
