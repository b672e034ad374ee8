// Where an attempt goes, with its price and the limits of its backend: made once for each backend of a snapshot, and again when a dated
// price comes into force.
import { quoteTexts } from "@flyball/core";
import type { Price } from "@flyball/traffic";
import type { AccountLimit } from "./call-party.ts";

/** A backend as the ledger sees it. */
export interface TargetFacts {
  readonly backend: string;
  /** `""` for a service of the app. */
  readonly provider: string;
  readonly providerModel: string;
  readonly price: Price;
  /** Of the backend alone. */
  readonly limits: readonly AccountLimit[];
}

/** The facts with their texts in JSON. */
export interface CallTarget extends TargetFacts {
  /** backend, provider, providerModel */
  readonly json: string;
  /** The id of the price, or `0`. */
  readonly priceJson: string;
  readonly limitIds: readonly string[];
}

/** Prepares a target. */
export function createCallTarget(facts: TargetFacts): CallTarget {
  const { backend, provider, providerModel, price, limits } = facts;
  return {
    ...facts,
    json: quoteTexts([backend, provider, providerModel]),
    priceJson: typeof price === "string" ? "0" : JSON.stringify(price.id),
    limitIds: limits.map(({ id }) => JSON.stringify(id)),
  };
}
