// Finds the `model` field of a multipart form, as audio and image calls send it, and how much of the form is files. Only the model's value
// is replaced; all else passes as it came.
import type { WholeBody } from "../body/whole-body.ts";
import type { CallScan } from "../dialects/pass-through/call-scan.ts";

const MAX_HEADER_BYTES = 16 * 1024;
/** A form of an audio or image call has a handful. */
const MAX_PARTS = 1_000;
const BLANK_LINE = Buffer.from("\r\n\r\n");

/** The scan of a form, or why it cannot be routed. */
export function scanForm(
  body: Buffer,
  contentType: string,
): CallScan | { readonly kind: "invalid"; readonly reason: string } {
  const boundary = /^multipart\/form-data\s*;.*boundary="?([^";,\s]{1,200})"?/i.exec(contentType)?.[1];
  if (boundary === undefined)
    return { kind: "invalid", reason: "its content-type is no multipart/form-data with a boundary" };
  const mark = Buffer.from(`--${boundary}`);
  let model: { start: number; end: number } | undefined;
  let isStream = false;
  let parts = 0;
  let files = 0;
  let fileBytes = 0;
  let choices = 1;
  for (let at = body.indexOf(mark); at >= 0;) {
    parts += 1;
    if (parts > MAX_PARTS) return { kind: "invalid", reason: `the form has more than ${MAX_PARTS} parts` };
    const headEnd = body.indexOf(BLANK_LINE, at);
    const next = body.indexOf(mark, at + mark.length);
    if (headEnd < 0 || next < 0 || headEnd > next) break;
    if (headEnd - at > MAX_HEADER_BYTES) return { kind: "invalid", reason: "a part of the form has too long a head" };
    const head = body.toString("latin1", at, headEnd);
    const name = fieldName(head);
    const value = { start: headEnd + BLANK_LINE.length, end: next - 2 };
    if (name === "model") {
      if (model) return { kind: "invalid", reason: "the field model is there twice" };
      model = value;
    } else if (name === "stream") isStream = body.toString("latin1", value.start, value.end) === "true";
    else if (name === "n") choices = Math.max(1, Number(body.toString("latin1", value.start, value.end)) || 1);
    else if (isFile(head)) {
      files += 1;
      fileBytes += Math.max(0, value.end - value.start);
    }
    at = next;
  }
  if (!model) return { kind: "invalid", reason: "`model` is missing" };
  return {
    ...NOTHING_KNOWN,
    model: body.toString("utf8", model.start, model.end),
    modelSpan: { keyStart: model.start, ...model },
    isStream,
    choices,
    files,
    fileBytes,
  };
}

/** Puts the backend's model name in the place of the alias. */
export function spliceForm(body: Buffer, { modelSpan }: CallScan, model: string): WholeBody {
  return [body.subarray(0, modelSpan.start), Buffer.from(model), body.subarray(modelSpan.end)];
}

function isFile(head: string): boolean {
  return /;\s*filename\*?=/i.test(dispositionOf(head));
}

function dispositionOf(head: string): string {
  return /^content-disposition:[^\r\n]*/im.exec(head)?.[0] ?? "";
}

function fieldName(head: string): string | undefined {
  const disposition = dispositionOf(head);
  if (isFile(head)) return undefined;
  return /;\s*name="([^"]*)"/i.exec(disposition)?.[1] ?? /;\s*name=([^;\s]+)/i.exec(disposition)?.[1];
}

const NOTHING_KNOWN = {
  kind: "found",
  insertAt: 0,
  wantsUsage: true,
  streamOptionsSpan: undefined,
  maxTokens: undefined,
  maxTokensSpans: [],
  mayHoldMedia: false,
  values: 0,
  hasTools: false,
  hasLogprobs: false,
  hasOutputGrammar: false,
  isStateful: false,
  messages: undefined,
  system: undefined,
  isResumable: false,
  stop: undefined,
  priority: undefined,
  cacheSalt: undefined,
  user: undefined,
  metadata: undefined,
  temperature: undefined,
  topP: undefined,
  seed: undefined,
} as const;
