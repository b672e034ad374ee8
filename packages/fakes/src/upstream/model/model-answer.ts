// Chooses the dialect by the path of the request and answers a model's script in it.
import type { RecordedRequest } from "../recorded-request.ts";
import type { UpstreamAnswer, UpstreamFault } from "../upstream-behaviour.ts";
import { anthropicDialect } from "./anthropic-messages.ts";
import { completionsDialect } from "./openai-completions.ts";
import { chatDialect } from "./openai-chat.ts";
import { responsesDialect } from "./openai-responses.ts";
import { continueScript } from "./continue-script.ts";
import type { ModelBehaviour, StreamTrouble } from "./model-behaviour.ts";
import type { ModelRequest, ScriptDialect } from "./script-dialect.ts";

const DIALECTS: readonly (readonly [path: RegExp, dialect: ScriptDialect])[] = [
  [/\/chat\/completions(\?|$)/, chatDialect],
  [/\/completions(\?|$)/, completionsDialect],
  [/\/responses(\?|$)/, responsesDialect],
  [/\/messages(\?|$)/, anthropicDialect],
];

/** The answer; undefined when the path is none of a model API. A body that is no JSON object gets 400 in the dialect's form. */
export function modelAnswer(
  behaviour: ModelBehaviour,
  request: Pick<RecordedRequest, "method" | "url" | "body" | "index">,
): UpstreamAnswer | undefined {
  if (request.method !== "POST") return undefined;
  const value = parseObject(request.body);
  if (/\/embeddings(\?|$)/.test(request.url)) return embeddings(behaviour, value);
  if (/\/messages\/count_tokens(\?|$)/.test(request.url))
    return json(200, { input_tokens: behaviour.usage?.input ?? 0 });
  const dialect = DIALECTS.find(([path]) => path.test(request.url))?.[1];
  if (!dialect) return undefined;
  if (!value) return json(400, dialect.error("invalid_request_error", "the body is no JSON object"));
  const script = continueScript(behaviour, value);
  const id = script.answerId ?? `fake-${request.index}`;
  if (value["stream"] !== true) return json(200, dialect.whole(script, id));
  return stream(dialect, { script, id, request: value });
}

function stream(
  dialect: ScriptDialect,
  { script, id, request }: { script: ModelBehaviour; id: string; request: ModelRequest },
): UpstreamAnswer {
  const events = dialect.events(script, id, request);
  const headers = { "content-type": "text/event-stream", "cache-control": "no-cache" };
  const answer = { status: 200, headers, paceMs: script.paceMs };
  const { trouble } = script;
  if (!trouble) return { ...answer, body: events.map(({ text }) => text) };
  const firstBad = events.findIndex(({ piece }) => piece !== undefined && piece >= trouble.atPiece);
  const good = (firstBad < 0 ? events : events.slice(0, firstBad)).map(({ text }) => text);
  const body = trouble.kind === "error-event" ? [...good, errorEvent(dialect, trouble)] : good;
  const fault = faultOf(trouble, body);
  return fault ? { ...answer, body, fault } : { ...answer, body };
}

function errorEvent(dialect: ScriptDialect, { code, message }: StreamTrouble): string {
  return dialect.errorEvent(code ?? "server_error", message ?? "the model failed");
}

function faultOf({ kind }: StreamTrouble, body: readonly string[]): UpstreamFault | undefined {
  const afterBytes = Buffer.byteLength(body.join(""));
  if (kind === "cut") return { kind: "cut", afterBytes };
  return kind === "stall" ? { kind: "hang-mid-body", afterBytes } : undefined;
}

function embeddings({ model, usage }: ModelBehaviour, request: ModelRequest | undefined): UpstreamAnswer {
  const input = request?.["input"];
  const texts = Array.isArray(input) ? input : [input];
  const data = texts.map((_, index) => ({ object: "embedding", index, embedding: [0.25, -0.5, index] }));
  const tokens = usage?.input ?? 0;
  return json(200, { object: "list", data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } });
}

function parseObject(body: Buffer): ModelRequest | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as ModelRequest) : undefined;
  } catch {
    return undefined;
  }
}

function json(status: number, value: unknown): UpstreamAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
