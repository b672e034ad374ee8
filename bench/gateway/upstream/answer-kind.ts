// The kinds of answers that are asked for. A kind is also the beginning of the path at the upstreams and of the aliases at a gateway.

/** How an upstream answers. */
export interface AnswerKindSpec {
  readonly isStream: boolean;
  /** Of a whole answer. */
  readonly answerBytes: number;
  /** Of the text in the request. 100,000 tokens are about 400 kB. */
  readonly promptBytes: number;
}

const PROMPT_BYTES = 200;

/** Every kind with what belongs to it. `pace10` sends a word each 10 ms. */
export const answerKinds = {
  small: { isStream: false, answerBytes: 1_024, promptBytes: PROMPT_BYTES },
  large: { isStream: false, answerBytes: 16_384, promptBytes: PROMPT_BYTES },
  prompt: { isStream: false, answerBytes: 1_024, promptBytes: 400_000 },
  pace10: { isStream: true, answerBytes: 0, promptBytes: PROMPT_BYTES },
  pace50: { isStream: true, answerBytes: 0, promptBytes: PROMPT_BYTES },
} as const satisfies Record<string, AnswerKindSpec>;

/** The name of a kind. */
export type AnswerKind = keyof typeof answerKinds;
