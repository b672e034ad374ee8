// Long calls are read and translated beside the event loop: what backends receive is what the worker itself would write, and whatever becomes
// of the client, the call or the thread, nothing that was reserved stays so.
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { findDialect } from "../dialects/find-dialect.ts";
import { findProviderTraits } from "../dialects/find-provider-traits.ts";
import { parseJsonKeepingNumbers } from "../dialects/raw-json.ts";
import { writeTranslated } from "../dialects/write-translated.ts";
import type { DialectName } from "../dialects/dialect.ts";
import { createModelStage, type ModelStage } from "../testdata/model-stage.ts";
import { ENDS_THREAD, HOLDS_THREAD } from "../testdata/play-aside.ts";
import { policyOf } from "../testdata/provider-stage.ts";
import { key } from "../testdata/snapshots.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 30_000 });

const MIB = 1024 * 1024;
const PATHS = { "openai-chat": "/v1/chat/completions", "anthropic-messages": "/v1/messages" } as const;
type Face = keyof typeof PATHS;

let stage: ModelStage;
const others: { close(): void }[] = [];

beforeAll(async () => {
  stage = await createModelStage(2);
});
afterAll(() => stage.dispose());
beforeEach(() => serve(stage));
afterEach(() => {
  for (const other of others.splice(0)) other.close();
});

/** One call at a time: a place that is not given back is seen at once. */
function serve(on: ModelStage): Promise<void> {
  const models = {
    "at-openai": { backends: [on.provider(0, "openai")] },
    "at-anthropic": { backends: [on.provider(1, "anthropic")] },
    kept: { backends: [on.provider(0, "openai")], cache: { timeToLiveMs: 60_000, maximumBytes: 64 * MIB } },
  };
  const limits = policyOf({ concurrency: 1 });
  return on.serve(models, { keys: [{ ...key("fb-key", "secret", Object.keys(models)), limits }] });
}

/** So many bytes of short messages in turns, of which the first holds a word. */
function conversation(bytes: number, word = ""): readonly { readonly role: string; readonly content: string }[] {
  const said = (index: number): string =>
    index === 0 ? `begin ${word}` : `${index} "quoted" 世界 \n ${"word ".repeat(index % 80)}`;
  const messages: { role: string; content: string }[] = [];
  let length = 0;
  for (let index = 0; length < bytes || index % 2 === 0; index += 1) {
    const content = said(index);
    messages.push({ role: index % 2 === 0 ? "user" : "assistant", content });
    length += Buffer.byteLength(JSON.stringify(content)) + 32;
  }
  return messages;
}

function bodyOf(model: string, bytes: number, word?: string, more: object = {}): Buffer {
  return Buffer.from(
    JSON.stringify({ model, max_tokens: 64, temperature: 0.25, messages: conversation(bytes, word), ...more }),
  );
}

/** What the worker would write by itself. */
function written(from: DialectName, provider: string, body: Buffer, model = "real"): Buffer {
  const request = findDialect(from).readRequest(parseJsonKeepingNumbers(body.toString()));
  const traits = findProviderTraits(provider);
  const target = { dialect: findDialect(traits.dialect), model, traits };
  const translated = writeTranslated(request, target, undefined);
  if (translated.kind === "refused") throw new Error(`${translated.field}: ${translated.reason}`);
  return translated.value.body;
}

const ask = (face: Face, body: Buffer, headers: Record<string, string> = {}) =>
  stage.ask("", {}, { path: PATHS[face], body, headers });

/** From then on the call has been opened, and is with the thread. */
const untilPending = (on: ModelStage): Promise<void> =>
  vi.waitFor(async () => expect(await on.metric("flyball_long_calls_pending")).toBe(1), { timeout: 10_000 });

const HEADERS = { "content-type": "application/json" };
const ANSWERS = {
  openai: { choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }] },
  anthropic: {
    id: "m",
    type: "message",
    role: "assistant",
    model: "real",
    stop_sequence: null,
    content: [{ type: "text", text: "hi" }],
    stop_reason: "end_turn",
    usage: { input_tokens: 1, output_tokens: 1 },
  },
};

/** A provider that keeps all that it is sent, and what it was sent last. `isHasty`: it says no before it has read anything, and reads on slowly. */
async function startProvider(provider: keyof typeof ANSWERS, isHasty = false) {
  const kept = { body: Buffer.alloc(0) };
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("error", () => undefined);
    if (isHasty) {
      request.pause();
      response.writeHead(503, HEADERS).end('{"error":{}}');
      setTimeout(() => request.resume(), 200);
      return;
    }
    request.on("end", () => {
      kept.body = Buffer.concat(pieces);
      response.writeHead(200, HEADERS).end(JSON.stringify(ANSWERS[provider]));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  others.push({ close: () => server.close().closeAllConnections() });
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  return { kept, backend: { kind: "provider", id: `${provider}.${port}`, provider, model: "real", baseUrl } as const };
}

describe("a long call of many short messages", () => {
  it.each([
    ["openai-chat", "anthropic"],
    ["anthropic-messages", "openai"],
  ] as const)("of %s reaches %s as the worker itself would write it", async (face, provider) => {
    const { kept, backend } = await startProvider(provider);
    await stage.serve({ chat: { backends: [backend] } });
    const body = bodyOf("chat", 15 * MIB);
    const reply = await ask(face, body);
    expect([reply.status, reply.status === 200 ? "" : reply.text]).toEqual([200, ""]);
    expect(kept.body.equals(written(face, provider, body))).toBe(true);
    expect(await stage.metric('flyball_long_calls_total{work="translate",outcome="done"')).toBeGreaterThan(0);
  });

  it("may be answered in a stream, and be followed by others", async () => {
    for (const bytes of [MIB, 2 * MIB, 600_000]) {
      const body = bodyOf("at-anthropic", bytes, "", { stream: true });
      const reply = await ask("openai-chat", body);
      expect([reply.status, reply.text.trimEnd().endsWith("data: [DONE]")]).toEqual([200, true]);
      expect(
        stage
          .asked(1)
          .at(-1)
          ?.body.equals(written("openai-chat", "anthropic", body)),
      ).toBe(true);
    }
  });

  it("is found in the cache again, also with its members in another order", async () => {
    const messages = conversation(3 * MIB);
    const [one, other] = [
      { model: "kept", max_tokens: 64, messages },
      { messages, max_tokens: 64, model: "kept" },
    ].map((call) => Buffer.from(JSON.stringify(call, null, 1)));
    for (const body of [one, other, one]) expect((await ask("openai-chat", body as Buffer)).status).toBe(200);
    expect(stage.counts()).toEqual([1, 0]);
    await ask("openai-chat", one as Buffer, { "cache-control": "no-store" });
    expect(stage.counts()).toEqual([2, 0]);
  });

  it("goes on at a backend of another dialect when the first one fails without having read it", async () => {
    const [first, second] = [await startProvider("openai", true), await startProvider("anthropic")];
    await stage.serve({ chat: { backends: [first.backend, second.backend] } });
    const body = bodyOf("chat", 15 * MIB);
    expect((await ask("openai-chat", body)).status).toBe(200);
    expect(second.kept.body.equals(written("openai-chat", "anthropic", body))).toBe(true);
  });
});

describe("a long call gives back what it has reserved", () => {
  const isServed = async (): Promise<void> => {
    await vi.waitFor(async () => expect((await ask("openai-chat", bodyOf("at-openai", 100))).status).toBe(200), 5_000);
    const body = bodyOf("at-anthropic", 2 * MIB);
    expect((await ask("openai-chat", body)).status).toBe(200);
    expect(
      stage
        .asked(1)
        .at(-1)
        ?.body.equals(written("openai-chat", "anthropic", body)),
    ).toBe(true);
  };

  it("when its client leaves while it is with the thread", async () => {
    const request = stage.open(
      "",
      {},
      { path: PATHS["openai-chat"], body: bodyOf("at-anthropic", 2 * MIB, HOLDS_THREAD) },
    );
    await untilPending(stage);
    request.destroy();
    await isServed();
    expect(stage.counts()[1]).toBe(1);
  });

  it("when its deadline passes while it is with the thread", async () => {
    const deadline = { "x-flyball-deadline": String(Date.now() + 700) };
    const reply = await ask("openai-chat", bodyOf("at-anthropic", 2 * MIB, HOLDS_THREAD), deadline);
    expect([reply.status, reply.json().error.code]).toEqual([504, "FB_GATEWAY_DEADLINE"]);
    await isServed();
  });

  it("when the thread ends, which fails that call alone", async () => {
    const reply = await ask("openai-chat", bodyOf("at-anthropic", 2 * MIB, ENDS_THREAD));
    expect([reply.status, reply.json().error.code]).toEqual([503, "FB_GATEWAY_LONG_CALL"]);
    expect(reply.headers["retry-after"]).toBeDefined();
    expect(reply.text).toContain("its thread ended with code 7");
    await isServed();
    expect(await stage.metric('flyball_long_calls_total{work="translate",outcome="lost"')).toBe(1);
  });
});

describe("a gateway that stops", () => {
  it("lets a call end that is with the thread", async () => {
    const own = await createModelStage(2);
    try {
      await serve(own);
      // The thread runs already: the time in which a gateway stops is short.
      const first = { path: PATHS["openai-chat"], body: bodyOf("at-anthropic", MIB) };
      expect((await own.ask("", {}, first)).status).toBe(200);
      const body = bodyOf("at-anthropic", 2 * MIB, HOLDS_THREAD);
      const asked = own.ask("", {}, { path: PATHS["openai-chat"], body });
      await untilPending(own);
      process.kill(own.rig.pid, "SIGTERM");
      expect((await asked).status).toBe(200);
      expect(
        own
          .asked(1)
          .at(-1)
          ?.body.equals(written("openai-chat", "anthropic", body)),
      ).toBe(true);
    } finally {
      await own.dispose();
    }
  });
});
