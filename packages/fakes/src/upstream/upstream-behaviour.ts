// The knobs of a FakeUpstream: what it answers and how it fails. Every fault that a gateway must survive is one value here, so a test
// reads as a list of them.
import { DEFAULT_MODEL, type ModelBehaviour } from "./model/model-behaviour.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import type { ServiceCapacity } from "./service-places.ts";

/** How an answer goes wrong. */
export type UpstreamFault =
  /** The request is read, nothing is ever answered. */
  | { readonly kind: "hang-before-headers" }
  /** Headers and the first bytes are sent, then nothing more; the connection stays open. */
  | { readonly kind: "hang-mid-body"; readonly afterBytes: number }
  /** The connection is reset (RST) once the request was read, before any byte of an answer. */
  | { readonly kind: "reset" }
  /** The connection is closed after this many bytes of the body, without its proper end. */
  | { readonly kind: "cut"; readonly afterBytes: number };

/** What is answered when nothing goes wrong. */
export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A list is sent piece by piece, `paceMs` apart; what is iterated piece by piece as it comes, so a test can hold each one back. */
  readonly body: string | Uint8Array | readonly (string | Uint8Array)[] | AsyncIterable<string | Uint8Array>;
  readonly paceMs?: number;
  /** Comes before the behaviour's own fault. */
  readonly fault?: UpstreamFault;
}

/** How requests are answered from now on. */
export interface UpstreamBehaviour {
  /** Waiting time between the end of the request and the headers. */
  readonly delayMs: number;
  /** Works on so many at once, for so long each, and lets the others wait inside; undefined: on all at once. */
  readonly capacity: ServiceCapacity | undefined;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly fault: UpstreamFault | undefined;
  /** Slow bytes: the body goes out in pieces of `bytes`, `everyMs` apart. */
  readonly slow: { readonly bytes: number; readonly everyMs: number } | undefined;
  /** POST to the paths of the OpenAI and Anthropic model APIs is answered in their form; undefined: like any other path. */
  readonly model: ModelBehaviour | undefined;
  /** Computes the answer; comes before `model` and before `status`, `headers` and `body`. undefined: those decide. */
  readonly respond: ((request: RecordedRequest) => UpstreamAnswer | undefined) | undefined;
}

/** 200, `{"ok":true}`, no fault; a model says three words at once. */
export const DEFAULT_BEHAVIOUR: UpstreamBehaviour = {
  delayMs: 0,
  capacity: undefined,
  status: 200,
  headers: { "content-type": "application/json" },
  body: '{"ok":true}',
  fault: undefined,
  slow: undefined,
  model: DEFAULT_MODEL,
  respond: undefined,
};
