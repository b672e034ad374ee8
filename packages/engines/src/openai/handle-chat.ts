// POST /v1/chat/completions from the first byte to the last: read, check, admit, answer.

import type { IncomingMessage, ServerResponse } from "node:http";
import { answerCompletion } from "./answer-completion.ts";
import { invalidRequest, refusedRequest, unavailable } from "./api-error.ts";
import type { ApiError } from "./api-error.ts";
import { createCompletionEnvelope } from "./completion-envelope.ts";
import type { EngineClock } from "./engine-clock.ts";
import type { EngineMetrics } from "./engine-metrics.ts";
import type { Admission, Engine } from "./engine.ts";
import { limitGeneration } from "./limit-generation.ts";
import { observeGaps } from "./observe-gaps.ts";
import { parseChatRequest } from "./parse-chat-request.ts";
import type { ChatRequest } from "./parse-chat-request.ts";
import { readBody } from "./read-body.ts";
import { sendError } from "./send-json.ts";

/** The largest request body, in bytes. */
export const maxBodyBytes = 4 * 1024 * 1024;

/** What handling a request needs of its server. */
export interface ChatContext {
  readonly engine: Engine;
  readonly model: string;
  readonly clock: EngineClock;
  readonly metrics: EngineMetrics;
  createCompletionId(): string;
  /** Aborts everything when the server stops. */
  readonly serverSignal: AbortSignal;
  isDraining(): boolean;
}

/** Answers one chat completion request. Never throws. */
export async function handleChat(
  context: ChatContext,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedMs = context.clock.monotonic();
  const body = await readBody(incoming, maxBodyBytes);
  if (body.outcome === "incomplete") return;
  if (body.outcome === "too-large") {
    const message = `The request body is over ${maxBodyBytes} bytes.`;
    sendError(response, refusedRequest(413, message, "request_too_large", { connection: "close" }));
    return;
  }
  const parsed = parseChatRequest(body.bytes);
  if (parsed.outcome === "invalid") {
    sendError(response, parsed.error);
    return;
  }
  const signal = AbortSignal.any([context.serverSignal, goneSignal(response)]);
  const admission = admit(context, parsed.request, signal);
  if (admission.outcome === "refused") {
    sendError(response, admission.error);
    return;
  }
  await answerCompletion({
    response,
    envelope: createCompletionEnvelope({
      id: context.createCompletionId(),
      createdSeconds: Math.floor(context.clock.now() / 1000),
      model: context.model,
      fields: context.engine.completionFields,
      includeUsage: parsed.request.includeUsage,
    }),
    pieces: limitGeneration(observeGaps(context, admission.pieces), parsed.request.generation),
    promptTokens: admission.promptTokens,
    isStream: parsed.request.isStream,
    includeUsage: parsed.request.includeUsage,
    signal,
    headers: context.isDraining() ? { connection: "close" } : {},
    metrics: context.metrics,
    elapsedMs: () => context.clock.monotonic() - startedMs,
  });
}

type Entry = Extract<Admission, { outcome: "admitted" }> | { outcome: "refused"; error: ApiError };

function admit(context: ChatContext, request: ChatRequest, signal: AbortSignal): Entry {
  const refused = (error: ApiError): Entry => ({ outcome: "refused", error });
  if (request.model !== context.model) {
    const message = `The model '${request.model}' does not exist. This server has '${context.model}'.`;
    return refused({ ...refusedRequest(404, message, "model_not_found"), param: "model" });
  }
  if (context.isDraining()) return refused(unavailable("The server is draining.", "draining"));
  if (!context.engine.isReady()) return refused(unavailable("The engine is not ready.", "not_ready"));
  const admission = context.engine.generate(request.generation, signal);
  switch (admission.outcome) {
    case "admitted":
      return admission;
    case "saturated":
      return refused(unavailable("Every place of the engine is taken.", "engine_saturated"));
    case "too-long":
      return refused(invalidRequest(admission.explanation, "messages", "context_length_exceeded"));
    case "unsupported":
      return refused(invalidRequest(admission.explanation, admission.field, "unsupported_value"));
    default:
      return admission satisfies never;
  }
}

/** Aborts when the connection closes before the response is complete. */
function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (response.destroyed) controller.abort();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
