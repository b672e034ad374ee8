// An upstream that begins each answer at once and ends it when the test says so, for calls that are to be open while something happens.
import type { ServerResponse } from "node:http";
import { startUpstream, type TestUpstream } from "./test-upstream.ts";

/** What each of its answers says was used. */
export const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

/** An upstream that begins at once and ends when it is told to. */
export interface Holding {
  readonly upstream: TestUpstream;
  /** Whole requests of a round: what a dead worker had sent may come while the next one runs. */
  arrived(round: number): number;
  isOpen: boolean;
  /** Ends what it holds. */
  release(): void;
}

const FIRST = `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta: { role: "assistant", content: "yes" } }] })}\n\n`;
const LAST = `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\ndata: ${JSON.stringify({ id: "c", choices: [], usage: USAGE })}\n\ndata: [DONE]\n\n`;
const WHOLE = JSON.stringify({
  id: "c",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "yes" }, finish_reason: "stop" }],
  usage: USAGE,
});

/** Starts it; each prompt says `in round <number>`. */
export async function startHolding(): Promise<Holding> {
  const held: (readonly [response: ServerResponse, isStream: boolean])[] = [];
  const arrivals = new Map<number, number>();
  const end = (response: ServerResponse, isStream: boolean): void => void response.end(isStream ? LAST : WHOLE);
  const upstream = await startUpstream((request, response, received) => {
    request.on("end", () => {
      const isStream = received.body.includes('"stream":true');
      const round = Number(/in round (\d+)/.exec(received.body.toString())?.[1]);
      arrivals.set(round, (arrivals.get(round) ?? 0) + 1);
      response.writeHead(200, { "content-type": isStream ? "text/event-stream" : "application/json" });
      if (isStream) response.write(FIRST);
      if (holding.isOpen) end(response, isStream);
      else held.push([response, isStream]);
    });
  });
  const holding: Holding = {
    upstream,
    isOpen: false,
    arrived: (round) => arrivals.get(round) ?? 0,
    release() {
      for (const [response, isStream] of held.splice(0)) end(response, isStream);
    },
  };
  return holding;
}
