// From an admitted generation to the response, plain or streamed. Nothing is sent before the first piece exists,
// so that an engine that fails early still gives a true status code.

import type { ServerResponse } from "node:http";
import { engineFailed, errorBody } from "./api-error.ts";
import type { CompletionEnvelope, Usage } from "./completion-envelope.ts";
import type { EngineMetrics, FinishedReason } from "./engine-metrics.ts";
import type { FinishReason, LimitedPiece } from "./limit-generation.ts";
import { sendError, sendJson } from "./send-json.ts";
import { createSseWriter } from "./sse-writer.ts";

/** One admitted request on its way to an answer. */
export interface CompletionExchange {
  readonly response: ServerResponse;
  readonly envelope: CompletionEnvelope;
  readonly pieces: AsyncIterable<LimitedPiece>;
  readonly promptTokens: number;
  readonly isStream: boolean;
  readonly includeUsage: boolean;
  /** Aborts when the client has left or the server stops. */
  readonly signal: AbortSignal;
  /** Response headers beside those of the content, for example `connection: close`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly metrics: EngineMetrics;
  /** Milliseconds since the request arrived. */
  elapsedMs(): number;
}

/** Sends the answer of one generation and counts how it ended. Never throws. */
export async function answerCompletion(exchange: CompletionExchange): Promise<void> {
  const deliver = exchange.isStream ? deliverStream : deliverPlain;
  const ending = await deliver(exchange);
  const usage = { promptTokens: exchange.promptTokens, completionTokens: ending.tokens };
  exchange.metrics.requestFinished(ending.reason, usage, exchange.elapsedMs());
}

interface Ending {
  readonly reason: FinishedReason;
  readonly tokens: number;
}

async function deliverPlain(exchange: CompletionExchange): Promise<Ending> {
  let text = "";
  try {
    for await (const piece of exchange.pieces) {
      if (exchange.signal.aborted) break;
      if (piece.kind === "text") {
        if (text === "") exchange.metrics.firstTokenAfter(exchange.elapsedMs());
        text += piece.text;
        continue;
      }
      const body = exchange.envelope.completion(text, piece.finishReason, usageOf(exchange, piece.tokens));
      sendJson(exchange.response, 200, JSON.stringify(body), exchange.headers);
      return { reason: piece.finishReason, tokens: piece.tokens };
    }
  } catch {
    if (!exchange.signal.aborted) {
      sendError(exchange.response, engineFailed());
      return { reason: "error", tokens: 0 };
    }
  }
  return { reason: "abort", tokens: 0 };
}

async function deliverStream(exchange: CompletionExchange): Promise<Ending> {
  const { envelope, signal } = exchange;
  const writer = createSseWriter(exchange.response, signal, exchange.headers);
  const send = (chunk: object): Promise<void> => writer.send(JSON.stringify(chunk));
  const begin = async (): Promise<void> => {
    if (writer.hasBegun) return;
    exchange.metrics.firstTokenAfter(exchange.elapsedMs());
    await send(envelope.roleChunk());
  };
  try {
    for await (const piece of exchange.pieces) {
      if (signal.aborted) break;
      await begin();
      if (piece.kind === "text") {
        await send(envelope.textChunk(piece.text));
        continue;
      }
      await finishStream(exchange, send, piece);
      await writer.send("[DONE]");
      writer.end();
      return { reason: signal.aborted ? "abort" : piece.finishReason, tokens: piece.tokens };
    }
  } catch {
    if (!signal.aborted) {
      await failStream(exchange, writer);
      return { reason: "error", tokens: 0 };
    }
  }
  return { reason: "abort", tokens: 0 };
}

async function finishStream(
  exchange: CompletionExchange,
  send: (chunk: object) => Promise<void>,
  end: { readonly finishReason: FinishReason; readonly tokens: number },
): Promise<void> {
  await send(exchange.envelope.finishChunk(end.finishReason));
  if (exchange.includeUsage) await send(exchange.envelope.usageChunk(usageOf(exchange, end.tokens)));
}

/** After the first byte the status is out: an error event and no [DONE] tell the client. */
async function failStream(exchange: CompletionExchange, writer: ReturnType<typeof createSseWriter>): Promise<void> {
  if (!writer.hasBegun) {
    sendError(exchange.response, engineFailed());
    return;
  }
  await writer.send(errorBody(engineFailed()));
  writer.end();
}

function usageOf(exchange: CompletionExchange, completionTokens: number): Usage {
  return { promptTokens: exchange.promptTokens, completionTokens };
}
