// One pass over the body of a call of any dialect: a dialect tells only what its keys are called.
import { JsonFault, OPEN_BRACE } from "../openai/json-cursor.ts";
import type { ScanFault } from "../openai/scan-routing-keys.ts";
import type { CallScan, ValueSpan } from "./call-scan.ts";
import { createKeyTable, scanMembers } from "./member-scan.ts";
import { createSpanReader, readIsStream, readModel, type SpanReader } from "./read-spans.ts";
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
] as const;
const [MODEL, STREAM, STREAM_OPTIONS, PRIORITY, METADATA, TEMPERATURE, TOP_P, SEED, MESSAGES] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
] as const;

/** Makes the scanner of a dialect. */
export function createCallScanner(keys: CallKeys): (body: Buffer) => CallScan | ScanFault {
  const lists = [
    keys.maxTokens,
    keys.choices,
    keys.tools,
    keys.logprobs,
    keys.outputGrammar,
    keys.stateful,
    keys.ownPrompting,
  ];
  const names: string[] = [...SHARED, ...lists.flat(), keys.stop];
  if (!names.includes(keys.user)) names.push(keys.user);
  const table = createKeyTable(names);
  const slotsOf = (list: readonly string[]): readonly number[] => list.map((name) => names.indexOf(name));
  const slots: CallSlots = {
    maxTokens: slotsOf(keys.maxTokens),
    choices: slotsOf(keys.choices),
    tools: slotsOf(keys.tools),
    logprobs: slotsOf(keys.logprobs),
    outputGrammar: slotsOf(keys.outputGrammar),
    stateful: slotsOf(keys.stateful),
    ownPrompting: slotsOf(keys.ownPrompting),
    stop: names.indexOf(keys.stop),
    user: names.indexOf(keys.user),
    names,
    hasStreamOptions: keys.hasStreamOptions,
  };
  return (body) => {
    try {
      return scanCall(body, scanMembers(body, table), slots);
    } catch (error) {
      if (error instanceof JsonFault) return { kind: "invalid", reason: error.message };
      throw error;
    }
  };
}

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
  readonly names: readonly string[];
  readonly hasStreamOptions: boolean;
}

function scanCall(body: Buffer, spans: ReturnType<typeof scanMembers>, slots: CallSlots): CallScan {
  const reader = createSpanReader(body, spans);
  const { model, span: modelSpan } = readModel(body, spans, MODEL);
  const streamOptionsSpan = slots.hasStreamOptions ? reader.member(STREAM_OPTIONS) : undefined;
  if (streamOptionsSpan && body[streamOptionsSpan.start] !== OPEN_BRACE && reader.span(STREAM_OPTIONS)) {
    throw new JsonFault("`stream_options` is no object");
  }
  const isAnyFilled = (list: readonly number[]): boolean => list.some((slot) => reader.isFilled(slot));
  const isStream = readIsStream(body, spans, STREAM);
  const choices = Math.max(1, ...slots.choices.map((slot) => reader.number(slot) ?? 1));
  const hasTools = isAnyFilled(slots.tools);
  const hasLogprobs = isAnyFilled(slots.logprobs);
  const hasOutputGrammar = slots.outputGrammar.some((slot) => asksForGrammar(reader, slot));
  const isStateful = isAnyFilled(slots.stateful);
  const isBound = hasTools || hasLogprobs || hasOutputGrammar || isStateful;
  const messages = reader.span(MESSAGES);
  const hasOwnPrompting = slots.ownPrompting.some((slot) => reader.member(slot) !== undefined);
  return {
    kind: "found",
    model,
    modelSpan,
    isStream,
    insertAt: spans.insertAt,
    wantsUsage: slots.hasStreamOptions ? asksForUsage(body, streamOptionsSpan) : true,
    streamOptionsSpan,
    ...readMaxTokens(reader, slots),
    choices,
    hasTools,
    hasLogprobs,
    hasOutputGrammar,
    isStateful,
    messages,
    isResumable: isStream && choices === 1 && messages !== undefined && !isBound && !hasOwnPrompting,
    stop: reader.span(slots.stop),
    priority: reader.member(PRIORITY),
    user: reader.span(slots.user),
    metadata: reader.span(METADATA),
    temperature: reader.number(TEMPERATURE),
    topP: reader.number(TOP_P),
    seed: reader.text(SEED),
  };
}

function readMaxTokens(reader: SpanReader, slots: CallSlots): Pick<CallScan, "maxTokens" | "maxTokensSpans"> {
  let maxTokens: number | undefined;
  const maxTokensSpans: (ValueSpan & { name: string })[] = [];
  for (const slot of slots.maxTokens) {
    const member = reader.member(slot);
    if (!member) continue;
    maxTokensSpans.push({ ...member, name: slots.names[slot] ?? "" });
    if (!reader.span(slot)) continue;
    const value = reader.number(slot);
    if (value === undefined) throw new JsonFault(`\`${slots.names[slot]}\` is no number`);
    maxTokens = Math.min(value, maxTokens ?? value);
  }
  return { maxTokens, maxTokensSpans };
}

/** `{"type":"text"}` and a text configuration without format ask for none. */
function asksForGrammar(reader: SpanReader, slot: number): boolean {
  if (!reader.isFilled(slot)) return false;
  const value: unknown = JSON.parse(reader.text(slot) ?? "null");
  if (value === null || typeof value !== "object") return true;
  const { type, format } = value as { type?: unknown; format?: { type?: unknown } | null };
  if ("format" in value) return format !== null && format?.type !== "text";
  if (type !== undefined) return type !== "text";
  return !("verbosity" in value || "effort" in value);
}
