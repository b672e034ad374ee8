// Every request has one end: a client sees an answer, an error or a cut, never two of them and nothing behind one; and every call that was admitted has
// one record in the ledger that says the same, also when the gateway is killed in the middle.
import { connect } from "node:net";
import type { LedgerRecord } from "@flyball/core";
import { seededRandom, type RecordedRequest, type UpstreamAnswer } from "@flyball/fakes";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createProviderStage, dollarsPerDay, type ProviderStage } from "../testdata/provider-stage.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

let stage: ProviderStage;
beforeEach(async () => {
  stage = await createProviderStage(2);
});
afterEach(() => stage.dispose());

const CALLS = process.env["FLYBALL_TEST_LONG"] === "1" ? 1_500 : 240;
/** What the provider does, by a word in the request. */
const DEEDS = ["answers", "fails", "resets", "breaks", "slowly", "errors"] as const;
const TERMINATOR = "0\r\n\r\n";

interface Call {
  readonly id: string;
  readonly deed: (typeof DEEDS)[number];
  readonly isStream: boolean;
  /** The client leaves once so many bytes are there. */
  readonly leavesAt: number | undefined;
}

type Ended = "answer" | "error" | "cut" | "left";

const event = (text: string): string => `data: {"id":"c","choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;

function respond({ body, url }: RecordedRequest): UpstreamAnswer | undefined {
  if (!url.includes("completions")) return undefined;
  const deed = DEEDS.find((each) => body.includes(`"${each}"`));
  const headers = { "content-type": "text/event-stream" };
  const pieces = Array.from({ length: 12 }, (_, index) => event(`piece ${index}`));
  switch (deed) {
    case "fails":
      return { status: 500, headers: { "content-type": "application/json" }, body: '{"error":{"message":"no"}}' };
    case "resets":
      return { status: 200, headers, body: "", fault: { kind: "reset" } };
    case "breaks":
      return { status: 200, headers, body: pieces, paceMs: 3, fault: { kind: "cut", afterBytes: 200 } };
    case "errors":
      return {
        status: 200,
        headers,
        body: [...pieces.slice(0, 2), 'data: {"error":{"message":"broken"}}\n\n'],
        paceMs: 3,
      };
    case "slowly":
      return body.includes('"stream":true')
        ? { status: 200, headers, body: [...pieces, "data: [DONE]\n\n"], paceMs: 15 }
        : undefined;
    default:
      return undefined;
  }
}

function makeCalls(seed: number): readonly Call[] {
  const random = seededRandom(seed);
  return Array.from({ length: CALLS }, (_, index) => ({
    id: `${seed}-${index}`,
    deed: DEEDS[Math.floor(random() * DEEDS.length)] ?? "answers",
    isStream: random() < 0.7,
    leavesAt: random() < 0.15 ? Math.floor(random() * 900) : undefined,
  }));
}

/** One connection, read to its end: what a client sees of one request, to the byte. */
function send({ id, deed, isStream, leavesAt }: Call): Promise<{ readonly ended: Ended; readonly text: string }> {
  const body = JSON.stringify({
    model: "chat",
    stream: isStream,
    max_tokens: 50,
    messages: [{ role: "user", content: deed }],
  });
  const head = [
    "POST /v1/chat/completions HTTP/1.1",
    "host: gateway",
    "authorization: Bearer fb-key",
    "content-type: application/json",
    `content-length: ${body.length}`,
    `x-request-id: ${id}`,
    "connection: close",
  ];
  return new Promise((resolve) => {
    const socket = connect(stage.rig.port("models"), "127.0.0.1");
    let text = "";
    let hasLeft = false;
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
      if (leavesAt !== undefined && text.length >= leavesAt) {
        hasLeft = true;
        socket.destroy();
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve({ ended: hasLeft ? "left" : endOf(text), text }));
    socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  });
}

/** What the bytes say; fails the test when they say two things. */
function endOf(text: string): Ended {
  const heads = text.match(/HTTP\/1\.1 \d+/g) ?? [];
  expect(heads.length, text).toBeLessThanOrEqual(1);
  const status = Number(heads[0]?.slice(-3) ?? 0);
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const body = rest.join("\r\n\r\n");
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  const isWhole = length === undefined ? body.endsWith(TERMINATOR) : body.length === Number(length);
  const [done, failed] = [body.match(/data: \[DONE\]/g) ?? [], body.match(/"error":\s*\{/g) ?? []];
  expect(done.length + failed.length, text).toBeLessThanOrEqual(1);
  if (length !== undefined) expect(body.length).toBeLessThanOrEqual(Number(length));
  else expect(body.split(TERMINATOR).slice(1).join(""), text).toBe("");
  if (!isWhole) return "cut";
  return status === 200 && failed.length === 0 ? "answer" : "error";
}

const OUTCOMES: Readonly<Record<Ended, readonly LedgerRecord["outcome"][]>> = {
  answer: ["answered"],
  error: ["failed", "cut"],
  cut: ["cut", "failed"],
  // The last bytes may have been on their way when the client left.
  left: ["cancelled", "answered", "failed", "cut"],
};

describe("requests of every fate at once", () => {
  it("have one end each for their client, and one record that agrees with it", async () => {
    stage.provider.set({ respond });
    await stage.serve({ key: dollarsPerDay(1_000_000_000) });
    const calls = makeCalls(1);
    const ends = await Promise.all(calls.map(send));
    const records = Map.groupBy(await stage.settled(CALLS), ({ requestId }) => requestId);
    for (const [index, { id, deed, isStream }] of calls.entries()) {
      const { ended, text } = ends[index] ?? { ended: "cut", text: "" };
      const [record, ...others] = records.get(id) ?? [];
      expect(others, id).toEqual([]);
      expect(OUTCOMES[ended], `${deed} ${isStream} ${record?.outcome}\n${text}`).toContain(record?.outcome);
    }
    expect(new Set(ends.map(({ ended }) => ended)).size).toBeGreaterThanOrEqual(3);
  });

  it("have one end and one record each when the gateway is killed under them", async () => {
    stage.provider.set({ respond });
    await stage.serve({ key: dollarsPerDay(1_000_000_000) });
    const ended: string[] = [];
    const answered = new Set<string>();
    const calls = makeCalls(2);
    const running = calls.map(async (call) => {
      const { ended: how } = await send(call);
      ended.push(call.id);
      if (how === "answer") answered.add(call.id);
    });
    await vi.waitFor(() => expect(ended.length).toBeGreaterThan(CALLS / 4), { timeout: 20_000, interval: 5 });
    const before = new Set(ended);
    await stage.killAndStart();
    await Promise.all(running);
    expect(ended).toHaveLength(CALLS);
    const records = await stage.settled(1);
    const counts = Map.groupBy(records, ({ requestId }) => requestId);
    expect([...counts].filter(([, all]) => all.length !== 1).map(([id]) => id)).toEqual([]);
    // What a gateway has not written in its last 10 ms is gone with it; all that ended before is there.
    const missing = [...answered].filter((id) => !counts.has(id));
    expect(missing.length).toBeLessThan(CALLS / 10);
    expect([...before].filter((id) => answered.has(id) && counts.has(id)).length).toBeGreaterThan(0);
    expect(records.some(({ outcome }) => outcome === "lost")).toBe(true);
  });
});
