// How a backend continues a text: what its provider can, narrowed by the model and the address that are asked there.
import { claudePowers } from "./anthropic-messages/claude-powers.ts";
import type { ProviderTraits } from "./provider-traits.ts";

/** Where a provider is asked. */
export interface ResumeTarget {
  readonly traits: ProviderTraits;
  /** The provider's own name of the model. */
  readonly model: string;
  /** Before `/chat/completions`. */
  readonly basePath: string;
}

/** The form; undefined: there it cannot be. */
export function resumeForm({ traits, model, basePath }: ResumeTarget): ProviderTraits["resume"] {
  const { resume, resumeBasePath, dialect } = traits;
  if (resumeBasePath !== undefined && basePath !== resumeBasePath) return undefined;
  if (dialect === "anthropic-messages" && !claudePowers(model).hasPrefill) return undefined;
  return resume;
}
