// A client of the model API that notes when each word of a streamed answer came.
import { request } from "node:http";
import { createSseDecoder } from "@flyball/wire";
import type { SeenStream } from "./cut-stream-run.ts";

/** What it saw, without what it cannot know. */
export type ReadStream = Pick<SeenStream, "wordsAt" | "text" | "end" | "endedAt">;

/** Asks, and calls back with the number of words so far. Never rejects: an error is how the stream ended. */
export function readStream(url: string, body: object, onWord: (words: number) => void): Promise<ReadStream> {
  const sentAt = performance.now();
  const wordsAt: number[] = [];
  let text = "";
  let end = "the connection was closed in the middle of the answer";
  return new Promise((resolve) => {
    const settle = (how: string): void => {
      resolve({ wordsAt, text, end: how, endedAt: performance.now() - sentAt });
    };
    const decoder = createSseDecoder({
      onEvent({ data }) {
        if (data === "[DONE]") return void (end = data);
        const chunk = JSON.parse(data) as { error?: { message: string }; choices?: { delta?: { content?: string } }[] };
        if (chunk.error !== undefined) end = chunk.error.message;
        const piece = chunk.choices?.[0]?.delta?.content ?? "";
        if (piece === "") return;
        text += piece;
        wordsAt.push(performance.now() - sentAt);
        onWord(wordsAt.length);
      },
      onOverflow: () => settle("an event was too long"),
    });
    const asked = request(url, { method: "POST", headers: { "content-type": "application/json" } }, (response) => {
      response.on("data", (bytes: Buffer) => decoder.push(bytes));
      response.on("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
      response.on("end", () => settle(end));
    });
    asked.on("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
    asked.end(JSON.stringify(body));
  });
}
