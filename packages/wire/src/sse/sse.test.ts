import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSseDecoder, type SseEvent } from "./sse-decoder.ts";
import { encodeSseComment, encodeSseEvent } from "./sse-encoder.ts";

interface Seen {
  readonly events: SseEvent[];
  readonly comments: string[];
  readonly retries: number[];
  overflows: number;
}

function decode(chunks: readonly Uint8Array[], maxEventLength?: number): Seen {
  const seen: Seen = { events: [], comments: [], retries: [], overflows: 0 };
  const decoder = createSseDecoder({
    onEvent: (event) => seen.events.push(event),
    onComment: (text) => seen.comments.push(text),
    onRetry: (retryMs) => seen.retries.push(retryMs),
    onOverflow: () => (seen.overflows += 1),
    ...(maxEventLength === undefined ? {} : { maxEventLength }),
  });
  for (const chunk of chunks) decoder.push(chunk);
  return seen;
}

const decodeText = (text: string): Seen => decode([Buffer.from(text)]);
const dataOf = (text: string): string[] => decodeText(text).events.map(({ data }) => data);

describe("the decoder", () => {
  it("reads the examples of the standard", () => {
    expect(dataOf("data: YHOO\ndata: +2\ndata: 10\n\n")).toEqual(["YHOO\n+2\n10"]);
    const seen = decodeText(
      ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
    );
    expect(seen.comments).toEqual(["test stream"]);
    expect(seen.events).toEqual([
      { event: "message", data: "first event", lastEventId: "1" },
      { event: "message", data: "second event", lastEventId: "" },
      { event: "message", data: " third event", lastEventId: "" },
    ]);
    expect(dataOf("data\n\ndata\ndata\n\ndata:")).toEqual(["", "\n"]);
    expect(dataOf("data:test\n\ndata: test\n\n")).toEqual(["test", "test"]);
  });

  it("takes CR, LF and CRLF as line ends, mixed and split", () => {
    expect(dataOf("data: a\r\rdata: b\r\n\r\ndata: c\n\ndata: d\r\n\n")).toEqual(["a", "b", "c", "d"]);
    expect(decode(["data: a\r", "\n", "\r", "\ndata: b\r", "\r"].map((text) => Buffer.from(text))).events).toHaveLength(
      2,
    );
  });

  it("drops a byte order mark at the start and an event without its blank line at the end", () => {
    expect(dataOf("\uFEFFdata: a\n\ndata: b\n")).toEqual(["a"]);
    expect(decode([Buffer.from([0xef]), Buffer.from([0xbb, 0xbf]), Buffer.from("data: a\n\n")]).events).toHaveLength(1);
  });

  it("ignores unknown fields, an id with NUL, a retry that is no number, and an event without data", () => {
    const seen = decodeText("id: 1\nid: 2\0\nfoo: bar\nretry: 1x\nretry: 250\nevent: lost\n\ndata: a\n\n");
    expect(seen.events).toEqual([{ event: "message", data: "a", lastEventId: "1" }]);
    expect(seen.retries).toEqual([250]);
  });

  it("reports an endless line or event once and holds nothing of it", () => {
    const line = Buffer.from("x".repeat(100));
    expect(decode([Buffer.from("data: a\n\ndata: "), line, line, Buffer.from("\n\ndata: b\n\n")], 150)).toMatchObject({
      events: [{ data: "a" }],
      overflows: 1,
    });
    expect(decode([Buffer.from("data: 12345\ndata: 12345\ndata: 12345\n\n")], 12).overflows).toBe(1);
  });

  it("never throws, and sees the same however the bytes are cut", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "data",
        "event",
        "id",
        "retry",
        ":",
        ": ",
        "\n",
        "\r",
        "\r\n",
        "\n\n",
        "\uFEFF",
        "\0",
        "一",
        "😀",
        " ",
      ),
      fc.string(),
    );
    const bytes = fc.oneof(
      fc.array(piece).map((pieces) => Buffer.from(pieces.join(""))),
      fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
    );
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(), { maxLength: 12 }), (whole, cuts) => {
        const points = cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b);
        const chunks = [...points, whole.length].map((point, index) => whole.subarray(points[index - 1] ?? 0, point));
        expect(decode(chunks)).toEqual(decode([whole]));
        expect(decode([...whole].map((byte) => Buffer.from([byte])))).toEqual(decode([whole]));
      }),
      { numRuns: 500 },
    );
  });
});

describe("the encoder", () => {
  it("writes what the decoder reads", () => {
    const oneLine = fc.string({ unit: "grapheme" }).filter((text) => !/[\r\n\0]/.test(text));
    const event = fc.record({ data: fc.string({ unit: "grapheme" }), event: oneLine, id: oneLine });
    fc.assert(
      fc.property(fc.array(fc.oneof(event, fc.string())), (items) => {
        const text = items
          .map((item) => (typeof item === "string" ? encodeSseComment(item) : encodeSseEvent(item)))
          .join("");
        const seen = decodeText(text);
        const written = items.filter((item) => typeof item !== "string");
        expect(seen.events).toEqual(
          written.map(({ data, event: name, id }) => ({
            data: data.replaceAll(/\r\n|\r/g, "\n"),
            event: name || "message",
            lastEventId: id,
          })),
        );
        const comments = items
          .filter((item) => typeof item === "string")
          .flatMap((comment) => comment.split(/\r\n|\r|\n/));
        expect(seen.comments).toEqual(comments);
      }),
    );
  });

  it("refuses a name or an id that would be read as something else", () => {
    expect(() => encodeSseEvent({ data: "", event: "a\ndata: b" })).toThrow(RangeError);
    expect(() => encodeSseEvent({ data: "", id: "a\0" })).toThrow(RangeError);
    expect(encodeSseEvent({ data: "a", retryMs: 1_500.7 })).toBe("retry: 1500\ndata: a\n\n");
  });
});
