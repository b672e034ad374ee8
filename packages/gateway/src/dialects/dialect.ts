// What one dialect of a model API is to the gateway (design §6). A call whose client and backend speak the same dialect keeps its bytes;
// any other call goes through the normal form, so that a new dialect is one folder and knows no other one.
import type { TokenUsage } from "@flyball/core";
import type { NormalAnswer } from "./normal-form/normal-answer.ts";
import type { NormalEvent } from "./normal-form/normal-event.ts";
import type { NormalRequest } from "./normal-form/normal-request.ts";
import type { PassThrough } from "./pass-through/pass-through.ts";
import type { ProviderError } from "./provider-error.ts";
import type { ProviderTraits } from "./provider-traits.ts";

/** The dialects that calls can be translated between. */
export type DialectName = "openai-chat" | "openai-responses" | "anthropic-messages";

/** A translated value, or the field that has no counterpart, named so that the client can leave it out. */
export type Translated<T> =
  | { readonly kind: "translated"; readonly value: T }
  | { readonly kind: "refused"; readonly field: string; readonly reason: string };

/** What a backend is called with. */
export interface WrittenRequest {
  /** Below the backend's base path: `/chat/completions`, `/messages`. */
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** What one event of a stream means to the stream machine. Only its outside: what it says is in the normal events. */
export interface EventReading {
  /**
   * held: a role, a ping, an empty delta – may be thrown away while nothing was committed. content: the client is to see it.
   * error: the backend failed inside its stream. end: the terminal event of a whole answer; before any content and without
   * `hasFinish`, now or earlier, it is a failure too.
   */
  readonly kind: "held" | "content" | "error" | "end";
  /** For error: a sentence with the provider's code. */
  readonly reason?: string;
  /** For error: what the provider said, where it has a known form. */
  readonly error?: ProviderError;
  readonly usage?: TokenUsage;
  /** The answer's end was told (a finish reason); a transport that ends from here on cuts nothing. */
  readonly hasFinish?: true;
}

/** What was read and what it says. */
export interface StreamStep {
  readonly reading: EventReading;
  /** None for a ping and for an error. */
  readonly events: readonly NormalEvent[];
}

/** Reads the events of one answer, in order. */
export interface StreamReader {
  /** One frame without its empty line. Nothing is read after an error or an end. */
  read(frame: string): StreamStep;
  /** The transport ended in order: an end when the answer was whole, else the error of a cut. Nothing new after an end or an error. */
  close(): StreamStep;
}

/** Writes the frames of one answer for a client. */
export interface StreamWriter {
  /** The frames of an event, `""` when it is silent in this dialect. */
  write(event: NormalEvent): string;
  /** The in-band error of this stream; nothing is written after it. */
  writeError(error: DialectError): string;
  /**
   * What it wrote so far was sent by somebody else, in these frames: it goes on from their numbers and names. Absent in a dialect whose
   * events have none.
   */
  goOnBehind?(frames: Buffer): void;
}

/** Who the answer is from, for dialects that name it in each event. */
export interface AnswerIdentity {
  readonly id: string;
  /** The alias that the client named. */
  readonly model: string;
  readonly createdSeconds: number;
}

/** An error of ours or of a backend in the words of a dialect. */
export interface DialectError {
  readonly status: number;
  /** Stable: an FB_ code of ours, or the provider's own code. */
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
  /** The field of the request that it is about. */
  readonly param?: string;
}

/** One dialect. */
export interface Dialect {
  readonly name: DialectName;
  /** A client's body in the normal form. The value is parsed JSON in which numbers that JavaScript would write otherwise stand as `RawJson`. */
  readRequest(body: unknown): Translated<NormalRequest>;
  writeRequest(request: NormalRequest, model: string, traits: ProviderTraits): Translated<WrittenRequest>;
  readAnswer(body: unknown): Translated<NormalAnswer>;
  writeAnswer(answer: NormalAnswer, identity: AnswerIdentity): Buffer;
  createStreamReader(): StreamReader;
  createStreamWriter(identity: AnswerIdentity, options: { readonly wantsUsage: boolean }): StreamWriter;
  /** The usage that a whole answer reports; undefined when it reports none. */
  readUsage(body: unknown): TokenUsage | undefined;
  /** A backend's error body; undefined when it has no known form. */
  readError(body: string, status: number): ProviderError | undefined;
  /** The status that a client of this dialect understands: 529 is Anthropic's word for 503. */
  clientStatus(status: number): number;
  writeError(error: DialectError): string;
  /**
   * The in-band error of a stream that was passed on, whose status line is out; never followed by a terminal event. `lastFrames`: what
   * was sent last, from which a dialect that numbers its events goes on.
   */
  writeStreamError(error: DialectError, lastFrames?: Buffer): string;
  /** Keeps a silent stream open; no client takes it for content. */
  readonly keepAlive: string;
  /** For calls whose client and backend both speak it. */
  readonly passThrough: PassThrough;
}
