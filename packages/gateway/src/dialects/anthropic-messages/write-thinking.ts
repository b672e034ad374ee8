// How much a Claude model is to think.
import { asObject, type JsonObject } from "../json-value.ts";
import type { NormalMessage, NormalRequest } from "../normal-form/normal-request.ts";
import { reasoningBudget, reasoningEffort } from "../normal-form/reasoning-effort.ts";
import type { ClaudePowers } from "./claude-powers.ts";

/** Anthropic's least budget. */
const MIN_BUDGET_TOKENS = 1_024;

/**
 * `thinking` and `output_config`, empty when the model is to do as it does by itself. A budget takes at most half of the output's
 * bound, which it counts in, so that an answer is left; below the least budget there is no thinking.
 */
export function writeThinking(request: NormalRequest, powers: ClaudePowers): JsonObject {
  const { reasoning, maxOutputTokens, messages } = request;
  if (!reasoning || powers.thinking === "none") return {};
  const budget = reasoningBudget(reasoning);
  if (budget === 0) return powers.thinking === "adaptive" ? { thinking: { type: "disabled" } } : {};
  if (powers.thinking === "adaptive") {
    const effort = reasoningEffort(reasoning);
    return { thinking: { type: "adaptive" }, output_config: { effort: effort === "minimal" ? "low" : effort } };
  }
  // Without a bound of the client's, the whole budget would not fit the default one.
  const tokens = Math.min(budget, Math.floor((maxOutputTokens ?? 2 * MIN_BUDGET_TOKENS) / 2));
  if (tokens < MIN_BUDGET_TOKENS || lacksThinking(messages)) return {};
  return { thinking: { type: "enabled", budget_tokens: tokens } };
}

/** Whether the members turn thinking on. */
export function isThinking({ thinking }: JsonObject): boolean {
  return thinking !== undefined && asObject(thinking)?.["type"] !== "disabled";
}

/** Tools were called and the reasoning before them is not here: thinking by budget is then an error of the request. */
function lacksThinking(messages: readonly NormalMessage[]): boolean {
  if (messages.at(-1)?.role !== "tool") return false;
  const last = messages.findLast((message) => message.role === "assistant");
  return !last?.parts.some((part) => part.kind === "thinking" && (part.signature ?? part.redacted) !== undefined);
}
