// The last step of a call's translation: the normal form in the words of its backend.
import type { Dialect, Translated, WrittenRequest } from "./dialect.ts";
import type { NormalRequest } from "./normal-form/normal-request.ts";
import type { ProviderTraits } from "./provider-traits.ts";

/** Who it is written for. */
export interface TranslationTarget {
  readonly dialect: Dialect;
  readonly model: string;
  readonly traits: ProviderTraits;
}

/** Writes it; `maxTokens` is a bound of the output that takes the place of the client's own. */
export function writeTranslated(
  request: Translated<NormalRequest>,
  { dialect, model, traits }: TranslationTarget,
  maxTokens: number | undefined,
): Translated<WrittenRequest> {
  if (request.kind === "refused") return request;
  const bounded = maxTokens === undefined ? request.value : { ...request.value, maxOutputTokens: maxTokens };
  return dialect.writeRequest(bounded, model, traits);
}
