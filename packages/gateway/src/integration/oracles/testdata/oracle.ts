// An official client as an oracle: it asks one question and gives back all that it made of the answer, as plain data.
import type { Scenario } from "./scenarios.ts";

/** Where a client asks. */
export interface Target {
  /** With `/v1`. */
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
}

/** One question. */
export interface Question {
  readonly target: Target;
  readonly scenario: Scenario["name"];
  readonly isStream: boolean;
  /** Called with the first content of a stream. */
  readonly onContent?: () => void;
  readonly signal?: AbortSignal;
}

/** One client in one of its modes. */
export interface Oracle {
  readonly name: string;
  /** The API that it speaks. */
  readonly face: "chat" | "responses" | "messages";
  /** Rejects with the client's own error. */
  ask(question: Question): Promise<unknown>;
}

/** As JSON would carry it, without functions and hidden members. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
