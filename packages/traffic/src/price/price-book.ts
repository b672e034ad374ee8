// Finds the price of a provider's model at a date. A user's own prices come before the project's table from their date on; before it the
// table's stand.
import type { Price, PriceEntry } from "./price-entry.ts";

/** The prices of one model: the user's own, then the table's, each the newest first. Looked up when a snapshot is compiled; `priceAt` chooses per call. */
export type DatedPrices = readonly PriceEntry[];

/** The book. */
export interface PriceBook {
  /** Empty: unknown. */
  find(provider: string, model: string): DatedPrices;
}

/** What follows the name of a model when a provider dates it: `-2025-08-07`, `-20250807`, `-0905`, `-08-2024`, `-latest`. */
const VERSION = /^-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{6}|\d{4}|\d{2}-\d{4}|latest)$/;

/** A book of the entries; `overrides` are asked first. */
export function createPriceBook(entries: readonly PriceEntry[], overrides: readonly PriceEntry[] = []): PriceBook {
  return {
    find(provider, model) {
      return [...bestOf(overrides, provider, model), ...bestOf(entries, provider, model)];
    },
  };
}

/** The price that stands at a time; unknown before the first. */
export function priceAt(prices: DatedPrices, at: number): Price {
  for (const price of prices) if (price.validFrom <= at) return price;
  return "unknown";
}

/** All entries of the one pattern that fits best: the exact name, then the longest. */
function bestOf(entries: readonly PriceEntry[], provider: string, model: string): DatedPrices {
  const fitting = entries.filter((entry) => entry.provider === provider && fits(entry.model, model));
  if (fitting.length < 2) return fitting;
  const best = fitting.map((entry) => entry.model).reduce((a, b) => (rank(b, model) > rank(a, model) ? b : a));
  return fitting.filter((entry) => entry.model === best).toSorted((a, b) => b.validFrom - a.validFrom);
}

function fits(pattern: string, model: string): boolean {
  if (pattern.endsWith("*")) return model.startsWith(pattern.slice(0, -1));
  return model === pattern || (model.startsWith(pattern) && VERSION.test(model.slice(pattern.length)));
}

function rank(pattern: string, model: string): number {
  if (pattern === model) return Number.POSITIVE_INFINITY;
  return pattern.endsWith("*") ? pattern.length - 1 : pattern.length + 0.5;
}
