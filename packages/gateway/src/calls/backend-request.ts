// What a backend is sent for a call: the client's bytes with a few members spliced when both speak one dialect, else the call written
// anew from the normal form.
import type { WholeBody } from "../body/whole-body.ts";
import type { Translated, WrittenRequest } from "../dialects/dialect.ts";
import { TOKENIZE_PATH } from "../dialects/backend-path.ts";
import type { ProviderTraits } from "../dialects/provider-traits.ts";
import { insertMember, splicePieces } from "../dialects/pass-through/splice.ts";
import { writeTranslated } from "../dialects/write-translated.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import { cacheSaltFor } from "./cache-salt.ts";
import { enginePriority } from "./engine-priority.ts";
import { normalRequestOf, type ModelCall } from "./model-call.ts";
import { COUNT_PATH } from "./model-operation.ts";
import { spliceForm } from "./scan-form.ts";

/** A request for one backend. */
export interface BackendRequest {
  readonly path: string;
  /** Further name, value, name, value … */
  readonly headers: readonly string[];
  readonly body: WholeBody;
  readonly isTranslated: boolean;
  /** We asked for usage and the client did not. */
  readonly stripsUsage: boolean;
}

/** Whether the backend has the operation at all. */
export function canAsk({ face, scan }: ModelCall, { traits }: ServingBackend): boolean {
  if (face.path === "/embeddings" && !traits.hasEmbeddings) return false;
  // A picture is one mark in a text, and many tokens in a prompt.
  if (face.path === COUNT_PATH) return traits.countTokens !== undefined && !(isTokenized(traits) && scan.mayHoldMedia);
  return face.isTranslatable || traits.dialect === face.dialect.name;
}

/**
 * Writes the request; `maxTokens` is a bound that a limit sets. Refused: the field that this backend has no counterpart for. With
 * `isOwnDialect` it is written in the backend's own dialect although it takes the client's too.
 */
export function writeBackendRequest(
  call: ModelCall,
  backend: ServingBackend,
  maxTokens: number | undefined,
  isOwnDialect = false,
): Translated<BackendRequest> {
  const { face, scan, body } = call;
  const { traits, model } = backend;
  const cacheSalt = cacheSaltFor(call, backend);
  const priority = enginePriority(call, backend);
  if (speaksSame(call, backend) && !(isOwnDialect && face.dialect.name !== traits.dialect)) {
    const isText = face.output === "text";
    const stripsUsage = isText && scan.isStream && !scan.wantsUsage && traits.hasStreamOptions;
    const edits = {
      model,
      streamOptions: stripsUsage ? "inject" : isText && !traits.hasStreamOptions ? "remove" : "keep",
      maxTokensField: isText ? (face.path === "/completions" ? "max_tokens" : traits.maxTokensField) : undefined,
      maxTokens,
      cacheSalt,
      priority,
    } as const;
    const spliced = face.isForm ? spliceForm(body, scan, model) : face.dialect.passThrough.splice(body, scan, edits);
    return translated({ path: face.path, headers: traits.headers, body: spliced, isTranslated: false, stripsUsage });
  }
  const written = writtenBefore(call, backend, maxTokens) ?? writeTranslated(normalRequestOf(call), backend, maxTokens);
  if (written.kind === "refused") return written;
  const headers = [...traits.headers, ...written.value.headers];
  const isCount = face.path === COUNT_PATH;
  const members = isCount ? {} : { cache_salt: cacheSalt && JSON.stringify(cacheSalt), priority };
  return translated({
    path: isCount ? TOKENIZE_PATH : written.value.path,
    headers,
    body: withMembers(written.value.body, members),
    isTranslated: true,
    stripsUsage: false,
  });
}

/** What the thread beside the worker wrote of a long call for this backend, if that was the last thing it wrote. */
export function writtenBefore(
  { written }: ModelCall,
  backend: ServingBackend,
  maxTokens: number | undefined,
): Translated<WrittenRequest> | undefined {
  return written?.backend === backend && written.maxTokens === maxTokens ? written.request : undefined;
}

/** We wrote the body: an object with members, none of them these. Values are JSON texts; those that are undefined are left out. */
function withMembers(body: Buffer, members: Readonly<Record<string, string | undefined>>): WholeBody {
  const edits = Object.entries(members).flatMap(([name, text]) =>
    text === undefined ? [] : insertMember(1, name, text),
  );
  return splicePieces(body, edits);
}

/** Whether the client's bytes can be kept. */
export function speaksSame({ face }: ModelCall, { traits }: ServingBackend): boolean {
  if (face.path === COUNT_PATH) return !isTokenized(traits);
  if (!face.isTranslatable) return true;
  if (face.dialect.name === "openai-responses") return traits.hasResponses;
  return face.dialect.name === traits.dialect;
}

function isTokenized({ countTokens }: ProviderTraits): boolean {
  return countTokens === "tokenize";
}

function translated<T>(value: T): Translated<T> {
  return { kind: "translated", value };
}
