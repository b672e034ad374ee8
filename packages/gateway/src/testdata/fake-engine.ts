// A model server that a test plays by hand: it tells who came when, never loses count of how many it has, and answers when it is told to.
import type { ServerResponse } from "node:http";
import { startUpstream, type TestUpstream } from "./test-upstream.ts";

/** The server. Requests are named by the last message of their prompt. */
export interface FakeEngine {
  readonly upstream: TestUpstream;
  /** Names in the order in which they came. */
  readonly begun: readonly string[];
  /** Requests that it has now, and most that it ever had at once. */
  readonly active: number;
  readonly peak: number;
  /** Sends the first token of a stream. */
  begin(name: string): void;
  /** Answers one, or all that are held. */
  finish(name?: string): void;
  /** Breaks the connection of one. */
  cut(name: string): void;
  /** Answers the next requests with this status. */
  status: number;
  /** Answers by itself after so many milliseconds; undefined: when it is told to. */
  answerAfterMs: number | undefined;
  /** The share of a prompt of a thousand tokens that it tells to have had in its cache (0–1); undefined: it tells of none. */
  cachedShare: number | undefined;
}

interface Held {
  readonly name: string;
  readonly isStream: boolean;
  readonly response: ServerResponse;
}

const USAGE = { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 };
const TOKEN = `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta: { role: "assistant", content: "yes" } }] })}\n\n`;
const lastOf = (usage: object): string =>
  `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\ndata: ${JSON.stringify({ id: "c", choices: [], usage })}\n\ndata: [DONE]\n\n`;
const wholeOf = (usage: object): string =>
  JSON.stringify({
    id: "c",
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content: "yes" }, finish_reason: "stop" }],
    usage,
  });
const usageOf = (cachedShare: number | undefined): object =>
  cachedShare === undefined
    ? USAGE
    : {
        prompt_tokens: 1_000,
        completion_tokens: 3,
        total_tokens: 1_003,
        prompt_tokens_details: { cached_tokens: Math.round(1_000 * cachedShare) },
      };

/** Starts one. */
export async function startFakeEngine(): Promise<FakeEngine> {
  const held = new Set<Held>();
  const begun: string[] = [];
  let active = 0;
  let peak = 0;
  const end = (one: Held): void => {
    if (!held.delete(one)) return;
    if (!one.response.headersSent) writeHead(one);
    const usage = usageOf(engine.cachedShare);
    one.response.end(one.isStream ? `${TOKEN}${lastOf(usage)}` : wholeOf(usage));
  };
  const upstream = await startUpstream((request, response, received) => {
    request.on("end", () => {
      const body = JSON.parse(received.body.toString()) as { stream?: boolean; messages: { content: string }[] };
      const name = body.messages.at(-1)?.content.slice(0, 40) ?? "";
      if (engine.status !== 200) {
        begun.push(name);
        response.writeHead(engine.status, { "content-type": "application/json" }).end("{}");
        return;
      }
      const one = { name, isStream: body.stream === true, response };
      begun.push(name);
      active += 1;
      peak = Math.max(peak, active);
      held.add(one);
      response.once("close", () => {
        active -= 1;
        held.delete(one);
      });
      if (engine.answerAfterMs !== undefined) setTimeout(() => end(one), engine.answerAfterMs);
    });
  });
  const engine: FakeEngine = {
    upstream,
    begun,
    get active() {
      return active;
    },
    get peak() {
      return peak;
    },
    begin(name) {
      for (const one of held) {
        if (one.name !== name) continue;
        writeHead(one);
        one.response.write(TOKEN);
      }
    },
    finish(name) {
      for (const one of [...held]) if (name === undefined || one.name === name) end(one);
    },
    cut(name) {
      for (const one of [...held]) if (one.name === name) one.response.destroy();
    },
    status: 200,
    answerAfterMs: undefined,
    cachedShare: undefined,
  };
  return engine;
}

function writeHead({ response, isStream }: Held): void {
  response.writeHead(200, { "content-type": isStream ? "text/event-stream" : "application/json" });
}
