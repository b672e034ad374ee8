// Traits by provider.
import { COMPATIBLE, PROVIDER_TABLE } from "./provider-table.ts";
import type { ProviderTraits } from "./provider-traits.ts";

const BY_NAME: ReadonlyMap<string, ProviderTraits> = new Map(PROVIDER_TABLE.map((traits) => [traits.provider, traits]));

/** The traits; an unknown provider is plainly OpenAI-compatible. */
export function findProviderTraits(provider: string): ProviderTraits {
  return BY_NAME.get(provider) ?? COMPATIBLE;
}
