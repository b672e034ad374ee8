// How clients of the four dialects ask, and what they read of an answer. Written against the providers' references and on its own: it
// shares no code with the gateway that it judges.

/** One dialect as a client sees it. */
export interface ClientFace {
  readonly name: "chat" | "completions" | "responses" | "messages";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  body(model: string, isStream: boolean): Record<string, unknown>;
  /** The visible text of a stream. */
  said(stream: string): string;
  /** The visible text of a whole answer. */
  saidWhole(body: string): string;
  /** Events that begin an answer; a stream has one. */
  begins(stream: string): number;
  /** The ids that a stream names its answer by. */
  ids(stream: string): ReadonlySet<string>;
  /** The terminal event of a whole answer is there. */
  isWhole(stream: string): boolean;
  /** The error event that a stream ends in. */
  inBandError(stream: string): { readonly code: string; readonly message: string } | undefined;
}

/** A parsed event of a stream; its members are what a test looks for. */
type Event = Record<string, any>;

/** A key that all of them send in their own header. */
export const CLIENT_KEY = "fb-key";

/** The events of a stream; comments and [DONE] are left out. */
export function eventsOf(stream: string): readonly Event[] {
  return dataOf(stream)
    .filter((data) => data !== "[DONE]")
    .map((data) => JSON.parse(data) as Event);
}

function dataOf(stream: string): readonly string[] {
  return stream
    .split("\n\n")
    .flatMap((frame) => frame.split("\n").filter((line) => line.startsWith("data:")))
    .map((line) => line.slice(5).trim());
}

const QUESTION = [{ role: "user", content: "count" }];
const JSON_TYPE = { "content-type": "application/json" };

const chat: ClientFace = {
  name: "chat",
  path: "/v1/chat/completions",
  headers: { ...JSON_TYPE, authorization: `Bearer ${CLIENT_KEY}` },
  body: (model, stream) => ({ model, stream, max_tokens: 500, messages: QUESTION }),
  said: (stream) => eventsOf(stream).map(({ choices }) => choices?.[0]?.delta?.content ?? "").join(""),
  saidWhole: (body) => JSON.parse(body).choices[0].message.content,
  begins: (stream) => eventsOf(stream).filter(({ choices }) => choices?.[0]?.delta?.role !== undefined).length,
  ids: (stream) => new Set(eventsOf(stream).flatMap(({ id }) => (id === undefined ? [] : [id as string]))),
  isWhole: (stream) => dataOf(stream).at(-1) === "[DONE]",
  inBandError: (stream) => eventsOf(stream).at(-1)?.["error"],
};

const completions: ClientFace = {
  ...chat,
  name: "completions",
  path: "/v1/completions",
  body: (model, stream) => ({ model, stream, max_tokens: 500, prompt: "count" }),
  said: (stream) => eventsOf(stream).map(({ choices }) => choices?.[0]?.text ?? "").join(""),
  saidWhole: (body) => JSON.parse(body).choices[0].text,
  // No event of its own begins an answer; another answer would have another id.
  begins: (stream) => completions.ids(stream).size,
};

const responses: ClientFace = {
  name: "responses",
  path: "/v1/responses",
  headers: chat.headers,
  body: (model, stream) => ({ model, stream, max_output_tokens: 500, input: "count" }),
  said: (stream) =>
    eventsOf(stream)
      .filter(({ type }) => type === "response.output_text.delta")
      .map(({ delta }) => delta)
      .join(""),
  saidWhole: (body) => JSON.parse(body).output[0].content[0].text,
  begins: (stream) => eventsOf(stream).filter(({ type }) => type === "response.created").length,
  ids: (stream) =>
    new Set(eventsOf(stream).flatMap(({ response }) => (response === undefined ? [] : [response.id as string]))),
  isWhole: (stream) => /response\.(completed|incomplete)/.test(eventsOf(stream).at(-1)?.["type"] ?? ""),
  inBandError(stream) {
    const last = eventsOf(stream).at(-1);
    return last?.["type"] === "error" ? { code: last["code"], message: last["message"] } : last?.["response"]?.error;
  },
};

const messages: ClientFace = {
  name: "messages",
  path: "/v1/messages",
  headers: { ...JSON_TYPE, "x-api-key": CLIENT_KEY, "anthropic-version": "2023-06-01" },
  body: (model, stream) => ({ model, stream, max_tokens: 500, messages: QUESTION }),
  said: (stream) => eventsOf(stream).map(({ delta }) => delta?.text ?? "").join(""),
  saidWhole: (body) => JSON.parse(body).content[0].text,
  begins: (stream) => eventsOf(stream).filter(({ type }) => type === "message_start").length,
  ids: (stream) =>
    new Set(eventsOf(stream).flatMap(({ message }) => (message === undefined ? [] : [message.id as string]))),
  isWhole: (stream) => eventsOf(stream).at(-1)?.["type"] === "message_stop",
  inBandError(stream) {
    const last = eventsOf(stream).at(-1);
    return last?.["type"] === "error" ? { code: last["error"].type, message: last["error"].message } : undefined;
  },
};

/** All faces. */
export const FACES: readonly ClientFace[] = [chat, completions, responses, messages];

/** A client's dialect and a backend's. The backend's name is a row of the table of provider traits. */
export interface DialectPair {
  readonly face: ClientFace;
  readonly backend: "openai-compatible" | "openai" | "anthropic";
  readonly isTranslated: boolean;
  /** For the names of tests. */
  readonly toString: () => string;
}

const pair = (face: ClientFace, backend: DialectPair["backend"], isTranslated: boolean): DialectPair => ({
  face,
  backend,
  isTranslated,
  toString: () => `${face.name} at ${backend}`,
});

/** Every pair that is served. */
export const PAIRS: readonly DialectPair[] = [
  pair(chat, "openai-compatible", false),
  pair(chat, "anthropic", true),
  // The older form has no counterpart elsewhere: it goes to backends of its own kind, as it is.
  pair(completions, "openai-compatible", false),
  pair(responses, "openai", false),
  pair(responses, "openai-compatible", true),
  pair(responses, "anthropic", true),
  pair(messages, "anthropic", false),
  pair(messages, "openai-compatible", true),
];

/** Every pair with its name, for `describe.each`. */
export const NAMED_PAIRS: readonly (readonly [name: string, pair: DialectPair])[] = PAIRS.map((each) => [
  String(each),
  each,
]);
