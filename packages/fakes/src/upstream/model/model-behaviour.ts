// What a fake model says, apart from the dialect in which it is asked: the same script gives an OpenAI chat completion, an OpenAI response,
// an Anthropic message or a plain completion, whole or streamed, by the path of the request.

/** One part of an answer. Each text stands for one event of a stream. */
export type ScriptPart =
  | { readonly kind: "text"; readonly pieces: readonly string[] }
  | { readonly kind: "reasoning"; readonly pieces: readonly string[]; readonly signature?: string }
  | { readonly kind: "tool-call"; readonly id: string; readonly name: string; readonly pieces: readonly string[] };

/** Tokens as the provider would report them; `cached` lies inside `input` for OpenAI and beside it for Anthropic. */
export interface ScriptUsage {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
}

/** What goes wrong inside a stream, before the piece of this number (0: before the first). */
export interface StreamTrouble {
  readonly atPiece: number;
  /**
   * error-event: an error in the dialect's own form, then the end. cut: the connection breaks. end: the stream ends in order, without its
   * terminal event. stall: nothing more, the connection stays open.
   */
  readonly kind: "error-event" | "cut" | "end" | "stall";
  /** For error-event. */
  readonly code?: string;
  readonly message?: string;
}

/** A fake model. */
export interface ModelBehaviour {
  /** The end of the ids of its answers, for answers that are compared; absent: the number of the request. */
  readonly answerId?: string;
  /** Its own name, as answers tell it. */
  readonly model: string;
  readonly parts: readonly ScriptPart[];
  readonly finish: "stop" | "length" | "tool-calls" | "refused";
  /** undefined: it reports none. A stream of chat completions reports it only when asked, as OpenAI does. */
  readonly usage: ScriptUsage | undefined;
  /** Between two events of a stream. */
  readonly paceMs: number;
  readonly trouble: StreamTrouble | undefined;
}

/** Says `One two three`. */
export const DEFAULT_MODEL: ModelBehaviour = {
  model: "fake-model",
  parts: [{ kind: "text", pieces: ["One", " two", " three"] }],
  finish: "stop",
  usage: { input: 7, cached: 0, output: 3, reasoning: 0 },
  paceMs: 0,
  trouble: undefined,
};

/** The whole text of all parts of a kind. */
export function scriptText(parts: readonly ScriptPart[], kind: ScriptPart["kind"]): string {
  return parts.flatMap((part) => (part.kind === kind ? part.pieces : [])).join("");
}
