// Effort and budget of reasoning in terms of each other, by one stated table. Providers do not publish their own; the budgets double
// from Anthropic's least one, and a budget reads as the effort whose own budget is nearest from above.
import type { NormalReasoning, ReasoningEffort } from "./normal-request.ts";

/** Tokens of thinking for an effort. */
const BUDGETS: readonly (readonly [effort: ReasoningEffort, tokens: number])[] = [
  ["none", 0],
  ["minimal", 1_024],
  ["low", 2_048],
  ["medium", 8_192],
  ["high", 16_384],
  ["xhigh", 32_768],
];

/** The budget of `max`. */
const MAX_BUDGET_TOKENS = 65_536;

/** The effort that is meant. */
export function reasoningEffort(reasoning: NormalReasoning): ReasoningEffort {
  if (reasoning.kind === "effort") return reasoning.effort;
  return BUDGETS.find(([, tokens]) => reasoning.tokens <= tokens)?.[0] ?? "max";
}

/** The tokens that are meant; 0 for none. */
export function reasoningBudget(reasoning: NormalReasoning): number {
  if (reasoning.kind === "budget") return reasoning.tokens;
  return BUDGETS.find(([effort]) => effort === reasoning.effort)?.[1] ?? MAX_BUDGET_TOKENS;
}
