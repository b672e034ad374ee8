// The edits of a call that every dialect has: model, bound of the output, priority; and OpenAI's stream options.
import type { WholeBody } from "../../body/whole-body.ts";
import { createKeyTable, scanMembers } from "./member-scan.ts";
import type { CallEdits, CallScan, ValueSpan } from "./call-scan.ts";
import { insertMember, replaceValue, splicePieces, type Edit } from "./splice.ts";

/** The body for a backend; the same buffer when nothing changes. */
export function spliceCall(body: Buffer, scan: CallScan, edits: CallEdits): WholeBody {
  const list: Edit[] = [];
  const removed: ValueSpan[] = [];
  if (edits.model !== scan.model) list.push(replaceValue(scan.modelSpan, JSON.stringify(edits.model)));
  if (edits.priority !== undefined) {
    if (scan.priority) list.push(replaceValue(scan.priority, edits.priority));
    else list.push(insertMember(scan.insertAt, "priority", edits.priority));
  }
  if (edits.cacheSalt !== undefined) {
    const text = JSON.stringify(edits.cacheSalt);
    list.push(scan.cacheSalt ? replaceValue(scan.cacheSalt, text) : insertMember(scan.insertAt, "cache_salt", text));
  }
  editMaxTokens(body, scan, edits, list, removed);
  const { streamOptionsSpan } = scan;
  if (edits.streamOptions === "remove" && streamOptionsSpan) removed.push(streamOptionsSpan);
  if (edits.streamOptions === "inject" && scan.isStream && !scan.wantsUsage) list.push(injectUsage(body, scan));
  return splicePieces(body, list, removed);
}

function editMaxTokens(body: Buffer, scan: CallScan, edits: CallEdits, list: Edit[], removed: ValueSpan[]): void {
  const { maxTokens, maxTokensField: field } = edits;
  const [first, ...others] = scan.maxTokensSpans;
  if (!first) {
    if (maxTokens !== undefined) list.push(insertMember(scan.insertAt, field ?? "max_tokens", String(maxTokens)));
    return;
  }
  // A backend that knows one name gets one field, with the smaller bound.
  const isOneField = field !== undefined;
  const value = maxTokens ?? (isOneField && others.length > 0 ? scan.maxTokens : undefined);
  if (isOneField && field !== first.name) {
    list.push({ start: first.keyStart, end: first.keyStart + first.name.length + 2, text: JSON.stringify(field) });
  }
  if (isOneField) removed.push(...others);
  if (value === undefined) return;
  for (const span of isOneField ? [first] : scan.maxTokensSpans) {
    if (body.toString("latin1", span.start, span.end) !== String(value)) list.push(replaceValue(span, String(value)));
  }
}

const ASKS_FOR_USAGE = '{"include_usage":true}';
const STREAM_OPTION_KEYS = createKeyTable(["include_usage"]);

/** Asks for usage; the client's other options stay. The options were scanned before, so they are an object, null or absent. */
function injectUsage(body: Buffer, { streamOptionsSpan: span, insertAt }: CallScan): Edit {
  if (!span) return insertMember(insertAt, "stream_options", ASKS_FOR_USAGE);
  if (body[span.start] !== 0x7b) return replaceValue(span, ASKS_FOR_USAGE);
  const options = body.subarray(span.start, span.end);
  const { offsets, insertAt: inside } = scanMembers(options, STREAM_OPTION_KEYS);
  const [, start = 0, end = 0] = offsets;
  if (start > 0) return { start: span.start + start, end: span.start + end, text: "true" };
  const at = span.start + inside;
  const isEmpty = Object.keys(JSON.parse(options.toString()) as object).length === 0;
  return { start: at, end: at, text: `"include_usage":true${isEmpty ? "" : ","}` };
}

/** Whether stream options ask for usage. Throws a `JsonFault` when the key is there twice or escaped. */
export function asksForUsage(body: Buffer, span: ValueSpan | undefined): boolean {
  if (!span || body[span.start] !== 0x7b) return false;
  // What nearly every client writes.
  if (body.toString("latin1", span.start, span.end) === ASKS_FOR_USAGE) return true;
  const options = body.subarray(span.start, span.end);
  const [, start = 0, end = 0] = scanMembers(options, STREAM_OPTION_KEYS).offsets;
  return start > 0 && options.toString("latin1", start, end) === "true";
}
