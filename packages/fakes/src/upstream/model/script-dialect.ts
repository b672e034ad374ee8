// How a script is said in one dialect.
import type { ModelBehaviour } from "./model-behaviour.ts";

/** A parsed request body. */
export type ModelRequest = Readonly<Record<string, unknown>>;

/** One event of a stream; those that carry a piece of the script are numbered. */
export interface ScriptEvent {
  readonly text: string;
  readonly piece?: number;
}

/** One dialect of the fake model. */
export interface ScriptDialect {
  whole(script: ModelBehaviour, id: string): unknown;
  events(script: ModelBehaviour, id: string, request: ModelRequest): readonly ScriptEvent[];
  error(code: string, message: string): unknown;
  /** An error inside a stream. */
  errorEvent(code: string, message: string): string;
}

/** An event without a name. */
export function dataEvent(value: unknown, piece?: number): ScriptEvent {
  return numbered(`data: ${JSON.stringify(value)}\n\n`, piece);
}

/** An event with a name. */
export function namedEvent(event: string, value: unknown, piece?: number): ScriptEvent {
  return numbered(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`, piece);
}

function numbered(text: string, piece: number | undefined): ScriptEvent {
  return piece === undefined ? { text } : { text, piece };
}
