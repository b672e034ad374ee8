import { EventEmitter } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallClient } from "../calls/call-client.ts";
import type { Exchange } from "../stages/exchange.ts";
import type { ResponseHead } from "../upstream/upstream.ts";
import { recordAnswer } from "./record-answer.ts";
import { createResponseStore, ENTRY_BYTES } from "./response-store.ts";

const ORIGIN = { backend: "chat/llm", isTranslated: false, attempts: 1 };
const FLOW = { pause: () => undefined, resume: () => undefined };
const head = (status: number, type = "text/event-stream"): ResponseHead =>
  ({ status, headers: ["Content-Type", type] }) as Partial<ResponseHead> as ResponseHead;

function rig({ isStream = true, maximumBytes = 100_000 } = {}) {
  const passed: string[] = [];
  const client: CallClient = {
    hasContent: () => passed.length > 0,
    commit: (_head, bytes) => void passed.push(String(bytes)),
    pass: (bytes) => void passed.push(String(bytes)),
    end: (bytes) => void passed.push(`${String(bytes)}.`),
    whole: (_head, bytes) => void passed.push(`${String(bytes)}.`),
    error: ({ code }) => void passed.push(code),
    comment: (text) => void passed.push(`: ${text}`),
  };
  const response = new EventEmitter();
  const exchange = { response, context: { clock: { monotonic: () => 5 } } } as unknown as Exchange;
  const store = createResponseStore({ maximumBytes, timeToLiveMs: 1_000 });
  const recorded = recordAnswer(client, exchange, { store, key: "k", isStream });
  return { recorded, passed, store, response };
}

const commit = (client: CallClient, text: string, status = 200): void =>
  client.commit(head(status), Buffer.from(text), { isEvents: true, origin: ORIGIN, flow: FLOW });
const pass = (client: CallClient, text: string): void => client.pass(Buffer.from(text), FLOW);

describe("recordAnswer", () => {
  it("keeps a stream that came to its end, byte by byte", () => {
    const { recorded, store, passed } = rig();
    commit(recorded, "data: a\n\n");
    pass(recorded, "data: b\n\n");
    expect(store.find("k", 5)).toBeUndefined();
    recorded.end(Buffer.from("data: [DONE]\n\n"));
    expect(String(store.find("k", 5)?.answer.bytes)).toBe("data: a\n\ndata: b\n\ndata: [DONE]\n\n");
    expect(store.find("k", 5)?.answer).toMatchObject({ contentType: "text/event-stream", isEvents: true });
    expect(passed).toEqual(["data: a\n\n", "data: b\n\n", "data: [DONE]\n\n."]);
  });

  it.each([
    ["an error in the middle", (client: CallClient) => client.error({ status: 502, code: "X", message: "" })],
    ["a resumed answer", (client: CallClient) => client.comment("resumed at b")],
  ])("keeps nothing of %s", (_name, spoil) => {
    const { recorded, store } = rig();
    commit(recorded, "a");
    spoil(recorded);
    pass(recorded, "b");
    recorded.end(Buffer.from("c"));
    expect([store.size, store.heldBytes]).toEqual([0, 0]);
  });

  it("keeps no other status than 200, and nothing whole where a stream was asked for", () => {
    const { recorded, store } = rig();
    commit(recorded, "a", 206);
    recorded.end(Buffer.from("b"));
    recorded.whole(head(200, "application/json"), Buffer.from("{}"), ORIGIN);
    expect(store.size).toBe(0);
    const other = rig({ isStream: false });
    other.recorded.whole(head(200, "application/json"), Buffer.from("{}"), ORIGIN);
    expect(other.store.find("k", 5)?.answer).toMatchObject({ contentType: "application/json", isEvents: false });
  });

  it("keeps nothing compressed, and holds what it keeps in memory of its own", () => {
    const { recorded, store } = rig({ isStream: false });
    const packed = { status: 200, headers: ["content-encoding", "gzip"] } as Partial<ResponseHead> as ResponseHead;
    recorded.whole(packed, Buffer.from("{}"), ORIGIN);
    expect(store.size).toBe(0);
    recorded.whole(head(200), Buffer.from("{}"), ORIGIN);
    expect(store.find("k", 5)?.answer.bytes.buffer.byteLength).toBe(2);
  });

  it("gives up an answer that does not fit, and passes it on all the same", () => {
    const { recorded, store, passed } = rig({ maximumBytes: ENTRY_BYTES + 10 });
    commit(recorded, "a");
    pass(recorded, "x".repeat(2_000));
    pass(recorded, "b");
    recorded.end(Buffer.from("c"));
    expect([store.size, store.heldBytes]).toEqual([0, 0]);
    expect(passed).toHaveLength(4);
  });

  it("holds nothing any more once the response is closed, whenever that is, and keeps only what was whole before", () => {
    const piece = fc.string({ maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 10 }),
        fc.nat(12),
        fc.integer({ min: 0, max: 1_000 }),
        (pieces, left, room) => {
          const { recorded, store, response } = rig({ maximumBytes: room });
          const steps = [
            () => commit(recorded, "first"),
            ...pieces.map((text) => () => pass(recorded, text)),
            () => recorded.end(Buffer.from("last")),
          ];
          for (const step of steps.slice(0, left)) step();
          response.emit("close");
          expect(store.heldBytes).toBe(0);
          expect(store.bytes).toBeLessThanOrEqual(room);
          const whole = `first${pieces.join("")}last`;
          if (left < steps.length) expect(store.size).toBe(0);
          else if (store.size === 1) expect(String(store.find("k", 5)?.answer.bytes)).toBe(whole);
          else expect(Buffer.byteLength(whole) + ENTRY_BYTES).toBeGreaterThan(room);
        },
      ),
    );
  });
});
