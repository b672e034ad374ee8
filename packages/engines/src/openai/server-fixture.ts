// What the tests of the server share: a running server around a scripted engine, and the requests that they send to it.

import { request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { createOpenAiServer } from "./openai-server.ts";
import type { OpenAiServer, ServerAddress } from "./openai-server.ts";
import { createScriptedEngine } from "./scripted-engine.ts";
import type { ScriptedEngine } from "./scripted-engine.ts";

/** A completion or a chunk of one, as far as the tests look into it. */
export interface SeenCompletion {
  readonly choices: readonly object[];
  readonly usage?: object | null;
}

/** A running server and the ways to speak with it. */
export interface ServerFixture {
  readonly engine: ScriptedEngine;
  readonly server: OpenAiServer;
  readonly address: ServerAddress;
  /** Lets the engine give these texts to the next request and finish. */
  answer(...texts: string[]): Promise<void>;
  post(body: object): Promise<Response>;
  postRaw(body: string | Buffer<ArrayBuffer>): Promise<Response>;
  metricsText(): Promise<string>;
  /** Sends a request whose connection the test can close. */
  open(fields: object): { readonly request: ClientRequest; readonly response: Promise<IncomingMessage> };
}

/** A request that the server takes. */
export const hello = { model: "script-1", messages: [{ role: "user", content: "Hello" }] };

/** Starts a server whose clock stands still, whose ids are all the same and whose model is `script-1`. */
export async function startServerFixture(): Promise<ServerFixture> {
  const engine = createScriptedEngine();
  const server = createOpenAiServer({
    engine,
    model: "script-1",
    createCompletionId: () => "chatcmpl-1",
    clock: { now: () => 1_700_000_000_500, monotonic: () => 0, after: afterReal },
  });
  const address = await server.start("127.0.0.1", 0);
  const completions = `${address.url}/v1/chat/completions`;
  const postRaw = (body: string | Buffer<ArrayBuffer>): Promise<Response> =>
    fetch(completions, { method: "POST", body });
  return {
    engine,
    server,
    address,
    async answer(...texts) {
      const generation = await engine.nextGeneration();
      for (const text of texts) generation.say(text);
      generation.finish();
    },
    post: (body) => postRaw(JSON.stringify(body)),
    postRaw,
    metricsText: async () => (await fetch(`${address.url}/metrics`)).text(),
    open(fields) {
      const request = httpRequest(completions, { method: "POST" });
      request.on("error", () => {});
      const response = new Promise<IncomingMessage>((resolve) => request.once("response", resolve));
      request.end(JSON.stringify({ ...hello, ...fields }));
      return { request, response };
    },
  };
}

function afterReal(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
