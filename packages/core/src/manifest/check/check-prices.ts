// Prices: what the schema alone cannot see. A misspelt name of a provider would leave the table's price in force without a word.
import { nearestName } from "../problems/nearest-name.ts";
import { readDaySpan } from "../resolve/day-spans.ts";
import { PROVIDERS } from "../resolve/providers.ts";
import type { PriceInput } from "../schema/prices.ts";
import type { ManifestPath } from "../source/manifest-node.ts";
import type { CheckContext } from "./check-context.ts";

/** Checks providers, days and bounds. A list of prices that several apps include may well name providers that this one does not use. */
export function checkPrices(context: CheckContext): void {
  const { models, prices } = context.input;
  const used = Object.values(models).flatMap(({ backends }) => backends.map(({ provider }) => provider ?? ""));
  const known = new Set([...Object.keys(PROVIDERS), ...used]);
  for (const [provider, priced] of Object.entries(prices)) {
    const suggestion = known.has(provider) ? undefined : nearestName(provider, known);
    if (suggestion !== undefined) {
      const message = `no backend has the provider "${provider}"`;
      const path = ["prices", provider];
      context.report({ path, code: "FB_MANIFEST_UNKNOWN_NAME", message, suggestion, part: "key" });
    }
    for (const [model, given] of Object.entries(priced)) {
      const isList = Array.isArray(given);
      const seen = new Set<string>();
      for (const [index, price] of (isList ? given : [given]).entries()) {
        const path = ["prices", provider, model, ...(isList ? [index] : [])];
        checkDay(price, { path, seen }, context);
        checkBounds(price, path, context);
        checkHours(price, path, context);
      }
    }
  }
}

function checkDay(
  { from }: PriceInput,
  { path, seen }: { readonly path: ManifestPath; readonly seen: Set<string> },
  context: CheckContext,
): void {
  if (from !== undefined && !isDay(from)) {
    const message = `expected a day like 2026-01-31, saw ${from}; there is no such day`;
    context.report({ path: [...path, "from"], code: "FB_MANIFEST_WRONG_VALUE", message });
    return;
  }
  if (seen.has(from ?? "")) {
    const message =
      from === undefined ? "there is another price without from" : `there is another price from ${from} on`;
    context.report({ path, code: "FB_MANIFEST_DUPLICATE", message });
  }
  seen.add(from ?? "");
}

function isDay(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function checkHours({ peak }: PriceInput, path: ManifestPath, context: CheckContext): void {
  for (const [index, span] of (peak?.hours_utc ?? []).entries()) {
    const [from, to] = readDaySpan(span);
    if (from !== to) continue;
    const message = `the span ${span} is empty; the whole day is 00:00-24:00`;
    context.report({ path: [...path, "peak", "hours_utc", index], code: "FB_MANIFEST_WRONG_VALUE", message });
  }
}

function checkBounds({ long_prompt: longPrompt }: PriceInput, path: ManifestPath, context: CheckContext): void {
  const seen = new Set<number>();
  for (const [index, { above }] of (longPrompt ?? []).entries()) {
    if (seen.has(above)) {
      const message = `there are other amounts above ${above} tokens`;
      context.report({ path: [...path, "long_prompt", index, "above"], code: "FB_MANIFEST_DUPLICATE", message });
    }
    seen.add(above);
  }
}
