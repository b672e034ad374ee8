// The leg in wall time: each request is sent when it arrives in the draw, whatever became of those before, and its answer is read as it streams.
import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { OBJECTIVES, type TraceRequest } from "@flyball/sim";
import type { ArrivalDraw } from "./draw-arrivals.ts";
import type { LegFigures } from "./print-legs.ts";

interface Answer {
  readonly request: TraceRequest;
  /** Since it was to be sent, ms; NaN: no token came. */
  firstTokenMs: number;
  endMs: number;
  isWhole: boolean;
}

/** One word of a prompt is one token of the simulated engine. Prompts are alike, so its prefix cache is off. */
const WORD = "token ";
/** The first piece of an answer says only who speaks. */
const TOKEN = /"content":"[^"]/;
/** The last words of a stream that ended well. */
const LAST = "data: [DONE]";
/** An answer that takes longer than this is given up. */
const LIMIT_MS = 120_000;

/** Replays all of it and waits for the last answer. */
export async function replayArrivals(origin: string, { requests, judged }: ArrivalDraw): Promise<LegFigures> {
  const agent = new Agent({ keepAlive: true });
  const answers: Promise<Answer>[] = [];
  const startedAt = performance.now();
  for (const next of requests) {
    const waitMs = startedAt + next.arrivedAt - performance.now();
    if (waitMs > 1) await delay(waitMs);
    answers.push(ask(`${origin}/v1/chat/completions`, next, agent, startedAt + next.arrivedAt));
  }
  const all = await Promise.all(answers);
  agent.destroy();
  return figuresOf(all.filter(({ request: { arrivedAt } }) => arrivedAt >= judged.fromMs && arrivedAt < judged.toMs));
}

/** Resolves when the answer has ended, however. The length of the answer goes in a field that only the simulated engine reads. */
function ask(url: string, wanted: TraceRequest, agent: Agent, dueAt: number): Promise<Answer> {
  const { inputTokens, outputTokens, client } = wanted;
  const body = JSON.stringify({
    model: "chat",
    stream: true,
    messages: [{ role: "user", content: WORD.repeat(inputTokens) }],
    simulated_output_tokens: outputTokens,
    user: client,
  });
  const answer: Answer = { request: wanted, firstTokenMs: Number.NaN, endMs: Number.NaN, isWhole: false };
  return new Promise((resolve) => {
    const finish = (): void => {
      if (Number.isNaN(answer.endMs)) answer.endMs = performance.now() - dueAt;
      resolve(answer);
    };
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const outgoing = request(url, { method: "POST", agent, headers, timeout: LIMIT_MS }, (response) => {
      response.on("data", (piece: Buffer) => {
        const text = piece.toString("latin1");
        if (Number.isNaN(answer.firstTokenMs) && TOKEN.test(text) && response.statusCode === 200)
          answer.firstTokenMs = performance.now() - dueAt;
        if (text.includes(LAST)) answer.isWhole = true;
      });
      response.on("close", finish);
      response.on("error", finish);
    });
    outgoing.on("timeout", () => outgoing.destroy());
    outgoing.on("error", finish);
    outgoing.end(body);
  });
}

function figuresOf(answers: readonly Answer[]): LegFigures {
  const whole = answers.filter(({ isWhole, firstTokenMs }) => isWhole && !Number.isNaN(firstTokenMs));
  const { ttftMs, tpotMs } = OBJECTIVES.standard;
  const isGood = ({ request: { outputTokens }, firstTokenMs, endMs }: Answer): boolean =>
    firstTokenMs <= ttftMs && (outputTokens < 2 || (endMs - firstTokenMs) / (outputTokens - 1) <= tpotMs);
  const first = whole.map(({ firstTokenMs }) => firstTokenMs).toSorted((a, b) => a - b);
  const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    requests: answers.length,
    lost: answers.length - whole.length,
    ttftMeanMs: meanOf(first),
    ttftP99Ms: first[Math.floor(0.99 * first.length)] ?? Number.NaN,
    e2eMeanMs: meanOf(whole.map(({ endMs }) => endMs)),
    goodput: whole.filter(isGood).length / answers.length,
  };
}
