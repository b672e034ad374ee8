// An answer in the form of OpenAI's chat completions, whole or as server-sent events, from a fixed list of words.
import type { RecordedRequest } from "./recorded-request.ts";
import type { ChatBehaviour, UpstreamAnswer } from "./upstream-behaviour.ts";

interface ChatRequest {
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
}

/** Whether the request asks for a chat completion. */
export function isChatRequest(request: Pick<RecordedRequest, "method" | "url">): boolean {
  return request.method === "POST" && /\/chat\/completions(\?|$)/.test(request.url);
}

/** The answer to a chat request; 400 in OpenAI's form when its body is no JSON object. */
export function chatAnswer(chat: ChatBehaviour, request: Pick<RecordedRequest, "body" | "index">): UpstreamAnswer {
  const wish = parseChatRequest(request.body);
  if (!wish) {
    return json(400, {
      error: {
        message: "the body is no JSON object",
        type: "invalid_request_error",
        param: null,
        code: null,
      },
    });
  }
  const id = `chatcmpl-fake-${request.index}`;
  return wish.stream === true
    ? {
        status: 200,
        headers: { "content-type": "text/event-stream", "cache-control": "no-cache" },
        body: chatEvents(chat, id, wish.stream_options?.include_usage === true),
      }
    : json(200, {
        ...envelope(chat, id, "chat.completion"),
        choices: [
          {
            index: 0,
            message: { role: "assistant", content: chat.words.join("") },
            finish_reason: "stop",
          },
        ],
        usage: usageOf(chat),
      });
}

/** The events of a stream: the role, one delta for each word, the finish reason, usage when asked for, `[DONE]`. */
export function chatEvents(chat: ChatBehaviour, id: string, includesUsage: boolean): readonly string[] {
  const choice = (delta: object, finishReason: string | null): object => ({
    ...envelope(chat, id, "chat.completion.chunk"),
    choices: [{ index: 0, delta, finish_reason: finishReason }],
    ...(includesUsage ? { usage: null } : {}),
  });
  const events = [
    choice({ role: "assistant", content: "" }, null),
    ...chat.words.map((word) => choice({ content: word }, null)),
    choice({}, "stop"),
    ...(includesUsage ? [{ ...envelope(chat, id, "chat.completion.chunk"), choices: [], usage: usageOf(chat) }] : []),
  ];
  return [...events.map((event) => `data: ${JSON.stringify(event)}\n\n`), "data: [DONE]\n\n"];
}

function envelope(chat: ChatBehaviour, id: string, object: string): object {
  return { id, object, created: 1_735_689_600, model: chat.model };
}

function usageOf({ usage }: ChatBehaviour): object {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
  };
}

function parseChatRequest(body: Buffer): ChatRequest | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function json(status: number, value: unknown): UpstreamAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
