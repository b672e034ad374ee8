// What a request must keep to be good.

/** Both bounds, in milliseconds. */
export interface Objective {
  readonly ttftMs: number;
  /** Added to it for each token of the prompt, where prompts are so long that reading them alone takes longer; 0 if left out. */
  readonly ttftPerTokenMs?: number;
  /** Mean time of an output token after the first. */
  readonly tpotMs: number;
}

/** The usual ones; "standard" is what a knee is found by. */
export const OBJECTIVES = {
  standard: { ttftMs: 2_000, tpotMs: 100 },
  chat: { ttftMs: 500, tpotMs: 50 },
  interactive: { ttftMs: 500, tpotMs: 30 },
} as const satisfies Readonly<Record<string, Objective>>;

/** The name of one of them. */
export type ObjectiveName = keyof typeof OBJECTIVES;

/** What one request met. */
export interface Measured {
  readonly inputTokens: number;
  readonly ttftMs: number;
  /** NaN for an answer of one token: it has no time between tokens. */
  readonly tpotMs: number;
}

/** Whether it kept both bounds. */
export function isGood({ ttftMs, ttftPerTokenMs = 0, tpotMs }: Objective, measured: Measured): boolean {
  if (measured.ttftMs > ttftMs + ttftPerTokenMs * measured.inputTokens) return false;
  return Number.isNaN(measured.tpotMs) || measured.tpotMs <= tpotMs;
}
