// What the thread beside a worker does, with the functions that the worker uses for short calls.
import { bodyDigest } from "../cache/request-digest.ts";
import { findDialect } from "../dialects/find-dialect.ts";
import { readPromptMedia } from "../dialects/prompt-media.ts";
import { parseJsonKeepingNumbers } from "../dialects/raw-json.ts";
import { writeTranslated } from "../dialects/write-translated.ts";
import type { Translated } from "../dialects/dialect.ts";
import type { AsideResult, AsideWork, WrittenAside } from "./aside-work.ts";

/** Does it. Never throws. */
export function doWork(work: AsideWork, body: Buffer): AsideResult {
  try {
    if (work.kind === "survey") {
      const media = work.wantsMedia ? readPromptMedia(body) : undefined;
      return { kind: "surveyed", survey: { media, digest: work.wantsDigest ? bodyDigest(body) : undefined } };
    }
    return { kind: "written", written: translate(work, body) };
  } catch (error) {
    return { kind: "threw", reason: error instanceof Error ? error.message : String(error) };
  }
}

function translate(
  { from, to, model, traits, maxTokens }: Extract<AsideWork, { kind: "translate" }>,
  body: Buffer,
): Translated<WrittenAside> {
  const request = findDialect(from).readRequest(parseJsonKeepingNumbers(body.toString("utf8")));
  const written = writeTranslated(request, { dialect: findDialect(to), model, traits }, maxTokens);
  if (written.kind === "refused") return written;
  const { path, headers, body: text } = written.value;
  return { kind: "translated", value: { path, headers, body: ownBytes(text) } };
}

/** Bytes that have their memory for themselves, so that it can be moved. */
function ownBytes(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length) return new Uint8Array(buffer);
  return new Uint8Array(bytes);
}
