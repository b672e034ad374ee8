// Pain 15 of the reference list: a model that thinks for a long time without a word, and something on the way that gives up what is silent. The time
// in which nothing comes is twice what it bears; with FLYBALL_TEST_LONG=1 it is the two minutes and the one that are usual in life.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createModelStage, type ModelStage } from "../testdata/model-stage.ts";
import { TIMEOUTS } from "../testdata/snapshots.ts";
import { send } from "../testdata/test-client.ts";

const isLong = process.env["FLYBALL_TEST_LONG"] === "1";
const IDLE_MS = isLong ? 60_000 : 11_000;
const SILENCE_MS = 2 * IDLE_MS;

let stage: ModelStage;
let hop: Server;
const sockets = new Set<Socket>();

beforeAll(async () => {
  stage = await createModelStage(1);
  await stage.serve({
    chat: { backends: [stage.provider(0)], timeouts: { ...TIMEOUTS, firstByteMs: 4 * IDLE_MS, gapMs: 4 * IDLE_MS } },
  });
  // A hop that cuts a connection on which nothing comes.
  hop = createServer((client) => {
    const upstream = connect(stage.rig.port("models"), "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => undefined);
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
    upstream.setTimeout(IDLE_MS, () => upstream.destroy());
  });
  hop.listen(0, "127.0.0.1");
  await once(hop, "listening");
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  hop.close();
  await stage.dispose();
});

const ask = (path: string) =>
  send({
    port: (hop.address() as AddressInfo).port,
    path,
    headers: { authorization: "Bearer fb-key", "content-type": "application/json" },
    body: JSON.stringify({
      model: "chat",
      stream: true,
      max_tokens: 50,
      messages: [{ role: "user", content: "count" }],
    }),
  });

describe("pain 15: a model that is silent for twice as long as a hop bears", () => {
  it(
    "is heard in the end, in both dialects: the gateway says something meanwhile",
    async () => {
      stage.upstreams[0]?.set({ delayMs: SILENCE_MS });
      const [chat, messages] = await Promise.all([ask("/v1/chat/completions"), ask("/v1/messages")]);
      expect(chat.text.startsWith(": keep-alive\n\n")).toBe(true);
      expect(chat.text.endsWith("data: [DONE]\n\n")).toBe(true);
      expect(messages.text.startsWith("event: ping\n")).toBe(true);
      expect(messages.text).toContain("event: message_stop");
    },
    SILENCE_MS + 20_000,
  );
});
