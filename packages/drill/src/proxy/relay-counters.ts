// The counters of a model server whose steps have stopped: what it took stands there as running, and nothing else moves.
import type { IncomingMessage } from "node:http";
import type { Exchange } from "./relay-answer.ts";

/** As vLLM, SGLang and llama.cpp name it. */
const RUNNING =
  /^((?:vllm:num_requests_running|sglang:num_running_reqs|llamacpp:requests_processing)(?:\{[^}]*\})?) .*$/gm;

/** Sends the page on; the calls that are held count as running. */
export function relayCounters(answer: IncomingMessage, { response }: Exchange, heldCalls: number): void {
  const pieces: Buffer[] = [];
  answer.on("data", (piece: Buffer) => pieces.push(piece));
  answer.once("end", () => {
    const page = Buffer.concat(pieces).toString().replaceAll(RUNNING, `$1 ${heldCalls}`);
    const type = answer.headers["content-type"] ?? "text/plain";
    response
      .writeHead(answer.statusCode ?? 502, { "content-type": type, "content-length": Buffer.byteLength(page) })
      .end(page);
  });
}
