// The most that a call may use, as far as anybody can say before it is sent: what its limits reserve. Text is bounded by its bytes times
// the tokens per byte that its model has shown. What is no text is taken at the largest that the rules of providers and engines allow. What
// the body does not tell at all (documents, files, stored conversations) is taken at the whole context of the backend.
// docs/guides/limits.md says which of these are hard bounds.
import type { Price } from "@flyball/traffic";
import { readPromptMedia } from "../dialects/prompt-media.ts";
import type { ProviderTraits } from "../dialects/provider-traits.ts";
import type { AccountLimit } from "../ledger/call-party.ts";
import type { UsageEstimator } from "../ledger/estimate-usage.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import type { ModelCall } from "./model-call.ts";

/** The bound of a whole answer whose client set none, where limits in tokens or money have to be kept. */
export const DEFAULT_OUTPUT_TOKENS = 4_096;

/** A context that nobody named; an input whose size the body does not tell is taken to fill it. */
const UNKNOWN_CONTEXT_TOKENS = 200_000;
/** Sounds come to 10 to 32 tokens a second, and to a kilobyte a second where they are packed hardest. */
const SOUND_BYTES_PER_TOKEN = 32;
/** Speech comes to some 20 tokens a second; a byte of text lasts a twelfth of one, four times that where it is asked for slowly. */
const SPEECH_TOKENS_PER_BYTE = 8;
/** A picture that is drawn: gpt-image-1 takes 6,240 tokens for its largest. */
const MOST_IMAGE_OUTPUT_TOKENS = 16_384;

/** What a call's body says of its size. */
export interface PromptSize {
  /** Of text and of the form around it. */
  readonly textBytes: number;
  readonly images: number;
  readonly soundBytes: number;
  /** There is more that the body does not tell the size of. */
  readonly isOpenEnded: boolean;
}

/** Reads it; a body without a word of media costs nothing. */
export function promptSize({ body, scan, face, survey }: ModelCall): PromptSize {
  const { isStateful, files, fileBytes } = scan;
  if (face.isForm) {
    const isSound = face.output === "transcript";
    const textBytes = body.length - fileBytes;
    return { textBytes, images: isSound ? 0 : files, soundBytes: isSound ? fileBytes : 0, isOpenEnded: false };
  }
  if (!scan.mayHoldMedia) return { textBytes: body.length, images: 0, soundBytes: 0, isOpenEnded: isStateful };
  const { images, soundBytes, encodedBytes, isOpenEnded } = survey?.media ?? readPromptMedia(body);
  return { textBytes: body.length - encodedBytes, images, soundBytes, isOpenEnded: isOpenEnded || isStateful };
}

/** Whether nothing but text went in, so that tokens per byte say something. */
export function isTextAlone({ images, soundBytes, isOpenEnded }: PromptSize): boolean {
  return images === 0 && soundBytes === 0 && !isOpenEnded;
}

/** The most tokens that may go into this backend. */
export function inputBound(
  size: PromptSize,
  { traits, model, contextTokens }: Pick<ServingBackend, "traits" | "model" | "contextTokens">,
  estimator: UsageEstimator,
): number {
  const text = estimator.inputTokens(model, size.textBytes);
  if (isTextAlone(size)) return text;
  const sounds = Math.ceil(size.soundBytes / SOUND_BYTES_PER_TOKEN);
  const told = text + size.images * imageTokens(traits, model) + sounds;
  const most = size.isOpenEnded ? Math.max(told, contextTokens ?? UNKNOWN_CONTEXT_TOKENS) : told;
  return Math.min(most, contextTokens ?? most);
}

/** The most tokens that may come out; undefined: a model writes without a bound. */
export function outputBound({ scan, face, body }: ModelCall, { soundBytes }: PromptSize): number | undefined {
  switch (face.output) {
    case "text":
      return namedBound(scan);
    case "none":
    case "free":
      return 0;
    case "images":
      return Math.min(Math.ceil(scan.choices * MOST_IMAGE_OUTPUT_TOKENS), MOST_NAMED_TOKENS);
    case "speech":
      return body.length * SPEECH_TOKENS_PER_BYTE;
    case "transcript":
      return Math.ceil(soundBytes / SOUND_BYTES_PER_TOKEN);
    default:
      return face.output satisfies never;
  }
}

/** No limit is as large; JSON's numbers have no end. */
const MOST_NAMED_TOKENS = 1e12;

/** Of all answers together. Engines take a bound below one for none at all. */
function namedBound({ maxTokens, choices }: ModelCall["scan"]): number | undefined {
  if (maxTokens === undefined || maxTokens < 1) return undefined;
  return Math.min(Math.ceil(maxTokens * choices), MOST_NAMED_TOKENS);
}

/** Whether limits count the tokens of a call at this price: a budget does not where nothing is paid. */
export function countsTokens(limits: readonly AccountLimit[], price: Price): boolean {
  for (const { unit } of limits) {
    if (unit === "tokens" || ((unit === "usd" || unit === "cny") && price !== "own")) return true;
  }
  return false;
}

function imageTokens({ imageTokens: rules }: ProviderTraits, model: string): number {
  for (const { models, tokens } of rules) if (model.startsWith(models)) return tokens;
  return 0;
}
