// One pass over the body of a call of any dialect: a dialect tells only what its keys are called.
import { JsonFault, OPEN_BRACE } from "../json-cursor.ts";
import type { CallScan, ScanFault, ValueSpan } from "./call-scan.ts";
import { createKeyTable, createOffsets, scanMembers, type MemberSpans } from "./member-scan.ts";
import {
  hasValueAt,
  isAnyFilled,
  isFilledAt,
  memberAt,
  modelAt,
  MOST_OPTION_BYTES,
  numberAt,
  readStream,
  textAt,
  valueAt,
} from "./read-spans.ts";
import { SlicedScan } from "./sliced-scan.ts";
import { asksForUsage } from "./splice-call.ts";

/** The keys of a dialect by what they mean. */
export interface CallKeys {
  readonly maxTokens: readonly string[];
  readonly choices: readonly string[];
  readonly tools: readonly string[];
  readonly logprobs: readonly string[];
  readonly outputGrammar: readonly string[];
  readonly stateful: readonly string[];
  /** With them the client builds the end of the prompt itself. */
  readonly ownPrompting: readonly string[];
  readonly stop: string;
  readonly user: string;
  /** The member that holds the conversation; `messages` unless named. */
  readonly conversation?: string;
  /** The member that holds the system prompt alone; undefined: a message does. */
  readonly system: string | undefined;
  /** Usage has to be asked for with `stream_options`. */
  readonly hasStreamOptions: boolean;
}

const SHARED = [
  "model",
  "stream",
  "stream_options",
  "priority",
  "metadata",
  "temperature",
  "top_p",
  "seed",
  "messages",
  "cache_salt",
] as const;
const [MODEL, STREAM, STREAM_OPTIONS, PRIORITY, METADATA, TEMPERATURE, TOP_P, SEED, MESSAGES, CACHE_SALT] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
] as const;

/** The slots of the same. */
interface CallSlots {
  readonly maxTokens: readonly number[];
  readonly choices: readonly number[];
  readonly tools: readonly number[];
  readonly logprobs: readonly number[];
  readonly outputGrammar: readonly number[];
  readonly stateful: readonly number[];
  readonly ownPrompting: readonly number[];
  readonly stop: number;
  readonly user: number;
  /** −1: none. */
  readonly system: number;
  readonly names: readonly string[];
  readonly hasStreamOptions: boolean;
}

/** A scan that is made in slices: goes on over about so many bytes; undefined: there are more. */
export type CallScanSlices = (bytes: number) => CallScan | ScanFault | undefined;

/** The scanner of a dialect. */
export interface CallScanner {
  /** What routing, limits, cache and resume need, in one pass over the bytes. */
  scan(body: Buffer): CallScan | ScanFault;
  /** The same for a long body. */
  scanInSlices(body: Buffer): CallScanSlices;
}

/** Makes it. */
export function createCallScanner(keys: CallKeys): CallScanner {
  const { maxTokens, choices, tools, logprobs, outputGrammar, stateful, ownPrompting } = keys;
  const lists = [maxTokens, choices, tools, logprobs, outputGrammar, stateful, ownPrompting];
  const names: string[] = [...SHARED, ...lists.flat(), keys.stop];
  if (keys.conversation !== undefined) names[MESSAGES] = keys.conversation;
  if (!names.includes(keys.user)) names.push(keys.user);
  if (keys.system !== undefined) names.push(keys.system);
  const table = createKeyTable(names);
  const slotsOf = (list: readonly string[]): readonly number[] => list.map((name) => names.indexOf(name));
  const slots: CallSlots = {
    maxTokens: slotsOf(maxTokens),
    choices: slotsOf(choices),
    tools: slotsOf(tools),
    logprobs: slotsOf(logprobs),
    outputGrammar: slotsOf(outputGrammar),
    stateful: slotsOf(stateful),
    ownPrompting: slotsOf(ownPrompting),
    stop: names.indexOf(keys.stop),
    user: names.indexOf(keys.user),
    system: keys.system === undefined ? -1 : names.indexOf(keys.system),
    names,
    hasStreamOptions: keys.hasStreamOptions,
  };
  // One call is scanned at a time, and what is told of it is copied out.
  const offsets = createOffsets(table);
  return {
    scan(body) {
      try {
        return readCall(body, scanMembers(body, table, offsets), slots);
      } catch (error) {
        return faultOf(error);
      }
    },
    scanInSlices(body) {
      const scan = new SlicedScan(body, table);
      return (bytes) => {
        try {
          const spans = scan.step(bytes);
          return spans && readCall(body, spans, slots);
        } catch (error) {
          return faultOf(error);
        }
      };
    },
  };
}

function faultOf(error: unknown): ScanFault {
  if (error instanceof JsonFault) return { kind: "invalid", reason: error.message };
  throw error;
}

function readCall(body: Buffer, { offsets, insertAt, mayHoldMedia, values }: MemberSpans, slots: CallSlots): CallScan {
  const modelSpan = modelAt(body, offsets, MODEL);
  const streamSpan = memberAt(offsets, STREAM);
  const isStream = streamSpan !== undefined && readStream(body, streamSpan.start, streamSpan.end);
  const streamOptionsSpan = slots.hasStreamOptions ? streamOptionsAt(body, offsets) : undefined;
  const maxTokensSpans = maxTokensAt(offsets, slots);
  const choices = choicesAt(body, offsets, slots.choices);
  const hasTools = isAnyFilled(body, offsets, slots.tools);
  const hasLogprobs = isAnyFilled(body, offsets, slots.logprobs);
  const hasOutputGrammar = hasGrammar(body, offsets, slots.outputGrammar);
  const isStateful = isAnyFilled(body, offsets, slots.stateful);
  const messages = valueAt(body, offsets, MESSAGES);
  const isBound = hasTools || hasLogprobs || hasOutputGrammar || isStateful || hasAny(offsets, slots.ownPrompting);
  return {
    kind: "found",
    model: JSON.parse(body.toString("utf8", modelSpan.start, modelSpan.end)) as string,
    modelSpan,
    isStream,
    insertAt,
    wantsUsage: slots.hasStreamOptions ? asksForUsage(body, streamOptionsSpan) : true,
    streamOptionsSpan,
    maxTokens: leastMaxTokens(body, offsets, slots),
    maxTokensSpans,
    choices,
    hasTools,
    hasLogprobs,
    hasOutputGrammar,
    isStateful,
    mayHoldMedia,
    values,
    files: 0,
    fileBytes: 0,
    messages,
    system: slots.system < 0 ? undefined : valueAt(body, offsets, slots.system),
    isResumable: isStream && choices === 1 && messages !== undefined && !isBound,
    stop: valueAt(body, offsets, slots.stop),
    priority: memberAt(offsets, PRIORITY),
    cacheSalt: memberAt(offsets, CACHE_SALT),
    user: valueAt(body, offsets, slots.user),
    metadata: valueAt(body, offsets, METADATA),
    temperature: numberAt(body, offsets, TEMPERATURE),
    topP: numberAt(body, offsets, TOP_P),
    seed: textAt(body, offsets, SEED),
  };
}

function streamOptionsAt(body: Buffer, offsets: Int32Array): ValueSpan | undefined {
  const span = memberAt(offsets, STREAM_OPTIONS);
  if (span && body[span.start] !== OPEN_BRACE && hasValueAt(body, offsets, STREAM_OPTIONS)) {
    throw new JsonFault("`stream_options` is no object");
  }
  if (span && span.end - span.start > MOST_OPTION_BYTES) {
    throw new JsonFault(`\`stream_options\` is longer than ${MOST_OPTION_BYTES} bytes`);
  }
  return span;
}

function maxTokensAt(offsets: Int32Array, { maxTokens, names }: CallSlots): (ValueSpan & { readonly name: string })[] {
  const spans: (ValueSpan & { readonly name: string })[] = [];
  for (const slot of maxTokens) {
    const span = memberAt(offsets, slot);
    if (span) spans.push({ ...span, name: names[slot] ?? "" });
  }
  return spans;
}

function leastMaxTokens(body: Buffer, offsets: Int32Array, { maxTokens, names }: CallSlots): number | undefined {
  let least: number | undefined;
  for (const slot of maxTokens) {
    if (!hasValueAt(body, offsets, slot)) continue;
    const value = numberAt(body, offsets, slot);
    if (value === undefined) throw new JsonFault(`\`${names[slot]}\` is no number`);
    if (least === undefined || value < least) least = value;
  }
  return least;
}

function choicesAt(body: Buffer, offsets: Int32Array, slots: readonly number[]): number {
  let most = 1;
  for (const slot of slots) {
    const value = numberAt(body, offsets, slot);
    if (value !== undefined && value > most) most = value;
  }
  return most;
}

function hasAny(offsets: Int32Array, slots: readonly number[]): boolean {
  for (const slot of slots) if (offsets[slot * 3 + 1] !== 0) return true;
  return false;
}

/** A longer value says more than that plain text is asked for. */
const MOST_GRAMMARLESS_BYTES = 64 * 1024;

/** `{"type":"text"}` and a text configuration without format ask for none. */
function hasGrammar(body: Buffer, offsets: Int32Array, slots: readonly number[]): boolean {
  for (const slot of slots) {
    if (!isFilledAt(body, offsets, slot)) continue;
    if ((offsets[slot * 3 + 2] ?? 0) - (offsets[slot * 3 + 1] ?? 0) > MOST_GRAMMARLESS_BYTES) return true;
    const value: unknown = JSON.parse(textAt(body, offsets, slot) ?? "null");
    if (value === null || typeof value !== "object") return true;
    const { type, format } = value as { type?: unknown; format?: { type?: unknown } | null };
    if ("format" in value) {
      if (format !== null && format?.type !== "text") return true;
    } else if (type === undefined ? !("verbosity" in value || "effort" in value) : type !== "text") return true;
  }
  return false;
}
