// What a worker asks the thread beside it for, and what comes back. Plain data that a structured clone carries; bodies are moved.
import type { DialectName, Translated } from "../dialects/dialect.ts";
import type { PromptMedia } from "../dialects/prompt-media.ts";
import type { ProviderTraits } from "../dialects/provider-traits.ts";

/** What is to be done with a body that was scanned. */
export type AsideWork =
  /** Find out what limits and cache want to know of it. */
  | { readonly kind: "survey"; readonly wantsMedia: boolean; readonly wantsDigest: boolean }
  /** Write it for a backend of another dialect. */
  | {
      readonly kind: "translate";
      readonly from: DialectName;
      readonly to: DialectName;
      readonly model: string;
      readonly traits: ProviderTraits;
      readonly maxTokens: number | undefined;
    };

/** What is known of a body that was read as a whole; undefined: nobody asked. */
export interface BodySurvey {
  readonly media: PromptMedia | undefined;
  readonly digest: string | undefined;
}

/** A request that was written, without what the backend's own traits add. */
export interface WrittenAside {
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What was made of the body. */
export type AsideResult =
  | { readonly kind: "surveyed"; readonly survey: BodySurvey }
  | { readonly kind: "written"; readonly written: Translated<WrittenAside> }
  /** A defect, or a limit of the language; the thread goes on. */
  | { readonly kind: "threw"; readonly reason: string };

/** Worker → thread. */
export interface ToAside {
  readonly id: number;
  readonly work: AsideWork;
  readonly body: ArrayBuffer;
}

/** Thread → worker. The body comes back as it was. */
export interface FromAside {
  readonly id: number;
  readonly result: AsideResult;
  readonly body: ArrayBuffer;
}
