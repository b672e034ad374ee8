// The model, through LangChain's ChatOpenAI: one client for the life of the service, so that its connections are kept.
// It repeats nothing by itself; the gateway in front of the models does that where it is safe.
import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import type { BaseMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { modelError } from "./model-error.ts";
import type { Prompt } from "./prompt.ts";

/** What a model said. */
export interface ModelReply {
  readonly text: string;
  readonly model: string;
  /** Who says to have answered: the body's own `answered_by`, else the model's name. */
  readonly answeredBy: string;
}

/** A model to ask. Failures are ServiceErrors. */
export interface ChatModel {
  /** The whole reply at once. */
  ask(prompt: Prompt, signal: AbortSignal): Promise<ModelReply>;
  /** The reply as it comes: `onText` sees each piece, and its promise holds the next one back. */
  stream(prompt: Prompt, signal: AbortSignal, onText: (text: string) => Promise<void>): Promise<ModelReply>;
}

export interface ChatModelOptions {
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey: string;
  /** Bounds a whole reply; of a stream, the wait for its first piece and each gap after it. */
  readonly timeoutMs: number;
}

/** Makes the model's client; nothing is sent yet. */
export function createChatModel({ baseUrl, model, apiKey, timeoutMs }: ChatModelOptions): ChatModel {
  const client = new ChatOpenAI({
    model,
    apiKey,
    configuration: { baseURL: baseUrl, organization: null, project: null },
    timeout: timeoutMs,
    maxRetries: 0,
    streamUsage: false,
    useResponsesApi: false,
    __includeRawResponse: true,
  });
  return {
    ask: (prompt, signal) =>
      withDeadline(signal, timeoutMs, async (bounded) => {
        const reply = await client.invoke(messagesOf(prompt), { signal: bounded });
        return readReply([reply], model);
      }),
    stream: (prompt, signal, onText) =>
      withDeadline(signal, timeoutMs, async (bounded, refresh) => {
        const pieces: BaseMessage[] = [];
        let isFinished = false;
        for await (const piece of await client.stream(messagesOf(prompt), { signal: bounded })) {
          refresh();
          pieces.push(piece);
          isFinished ||= "finish_reason" in piece.response_metadata;
          if (piece.text !== "") await onText(piece.text);
        }
        if (!isFinished) throw new Error("The reply of the model broke off.");
        return readReply(pieces, model);
      }),
  };
}

function messagesOf({ system, user }: Prompt): BaseMessage[] {
  return [new SystemMessage(system), new HumanMessage(user)];
}

async function withDeadline<Result>(
  signal: AbortSignal,
  timeoutMs: number,
  work: (bounded: AbortSignal, refresh: () => void) => Promise<Result>,
): Promise<Result> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  try {
    return await work(AbortSignal.any([signal, deadline.signal]), () => timer.refresh());
  } catch (error) {
    throw modelError(error, deadline.signal.aborted);
  } finally {
    clearTimeout(timer);
  }
}

function readReply(pieces: readonly BaseMessage[], requestedModel: string): ModelReply {
  let model = requestedModel;
  let answeredBy: string | null = null;
  for (const piece of pieces) {
    const raw = piece.additional_kwargs["__raw_response"] as { model?: unknown; answered_by?: unknown } | undefined;
    if (typeof raw?.model === "string" && raw.model !== "") model = raw.model;
    if (typeof raw?.answered_by === "string") answeredBy = raw.answered_by;
  }
  return {
    text: pieces.map((piece) => piece.text).join(""),
    model,
    answeredBy: answeredBy ?? model,
  };
}
