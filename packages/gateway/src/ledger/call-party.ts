// Whom calls are for and what limits them together. The same for many calls, so it is made once for each key, route and model of a
// snapshot, with the texts that every journal line needs.
import { quoteTexts } from "@flyball/core";
import type { CompiledLimit } from "../limits/limit-registry.ts";

/** A limit as calls are held to it. */
export type AccountLimit = CompiledLimit;

/** Who asks, and for what. */
export interface PartyFacts {
  /** `""` without a key. */
  readonly key: string;
  readonly tenant: string;
  readonly route: string;
  /** The alias. */
  readonly model: string;
  /** Of key, tenant and model together; those of a backend come with its target. */
  readonly limits: readonly AccountLimit[];
}

/** The facts with their texts in JSON. */
export interface CallParty extends PartyFacts {
  /** key, tenant, route, model */
  readonly json: string;
  /** The ids of the limits, in their order. */
  readonly limitIds: readonly string[];
}

/** Prepares a party. */
export function createCallParty(facts: PartyFacts): CallParty {
  const { key, tenant, route, model, limits } = facts;
  return {
    ...facts,
    json: quoteTexts([key, tenant, route, model]),
    limitIds: limits.map(({ id }) => JSON.stringify(id)),
  };
}
