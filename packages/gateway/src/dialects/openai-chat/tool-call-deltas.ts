// Puts the fragments of streamed tool calls together. OpenAI: the first fragment has index, id and name, later ones index and arguments
// only. Others leave the id out, repeat id and name in every fragment, leave the index out, or send each call whole under index 0.
import { asObject, asText, type JsonObject } from "../json-value.ts";
import type { NormalEvent } from "../normal-form/normal-event.ts";
import { createJsonEnd, type JsonEnd } from "./json-end.ts";

/** The most calls of one answer; more are an error of the backend. */
export const MAX_TOOL_CALLS = 1_024;

interface OpenCall {
  readonly part: number;
  id: string;
  name: string;
  isBegun: boolean;
  isEnded: boolean;
  hasArguments: boolean;
  /** Arguments that came before the name. */
  early: string;
  readonly end: JsonEnd;
}

/** The tool calls of one answer. */
export interface ToolCallDeltas {
  /** The events of one fragment; undefined when it cannot be understood. */
  push(fragment: unknown): readonly NormalEvent[] | undefined;
  /** Ends what is open. */
  close(): readonly NormalEvent[];
  count(): number;
}

/** Creates it. `nextPart` numbers the parts of the answer; `callId` makes an id where the backend gives none. */
export function createToolCallDeltas(nextPart: () => number, callId: (count: number) => string): ToolCallDeltas {
  const calls: OpenCall[] = [];
  const byIndex = new Map<number, OpenCall>();

  const begin = (index: number, events: NormalEvent[]): OpenCall => {
    // A call whose arguments are whole is over; one that is not stays open, because fragments may be interleaved.
    for (const call of calls) if (call.isBegun && !call.isEnded && call.end.isComplete()) end(call, events);
    const call: OpenCall = {
      part: nextPart(),
      id: "",
      name: "",
      isBegun: false,
      isEnded: false,
      hasArguments: false,
      early: "",
      end: createJsonEnd(),
    };
    calls.push(call);
    byIndex.set(index, call);
    return call;
  };
  const end = (call: OpenCall, events: NormalEvent[]): void => {
    call.isEnded = true;
    if (!call.hasArguments) events.push({ kind: "arguments", part: call.part, text: "{}" });
    events.push({ kind: "part-end", part: call.part });
  };
  const open = (call: OpenCall, events: NormalEvent[]): void => {
    call.isBegun = true;
    call.id ||= callId(calls.indexOf(call));
    events.push({ kind: "part-begin", part: call.part, opens: { kind: "tool-call", id: call.id, name: call.name } });
    if (call.early !== "") events.push({ kind: "arguments", part: call.part, text: call.early });
    call.early = "";
  };
  const append = (call: OpenCall, text: string, events: NormalEvent[]): boolean => {
    if (text === "") return true;
    if (call.isEnded) return text.trim() === "";
    call.end.push(text);
    call.hasArguments = true;
    if (call.isBegun) events.push({ kind: "arguments", part: call.part, text });
    else call.early += text;
    return true;
  };

  return {
    push(value) {
      const fragment = asObject(value);
      if (!fragment) return undefined;
      const events: NormalEvent[] = [];
      const known = findCall(fragment, byIndex, calls);
      if (!known && calls.length >= MAX_TOOL_CALLS) return undefined;
      const call = known ?? begin(indexOf(fragment) ?? calls.length, events);
      const fn = asObject(fragment["function"]) ?? {};
      call.id ||= asText(fragment["id"]) ?? "";
      if (!call.isBegun) call.name ||= asText(fn["name"]) ?? "";
      if (!append(call, argumentsText(fn["arguments"]), events)) return undefined;
      if (!call.isBegun && call.name !== "") open(call, events);
      return events;
    },
    close() {
      const events: NormalEvent[] = [];
      for (const call of calls) {
        if (call.isEnded) continue;
        if (!call.isBegun) open(call, events);
        end(call, events);
      }
      return events;
    },
    count: () => calls.length,
  };
}

/** The call that a fragment goes on with; undefined for a new one. */
function findCall(
  fragment: JsonObject,
  byIndex: ReadonlyMap<number, OpenCall>,
  calls: readonly OpenCall[],
): OpenCall | undefined {
  const index = indexOf(fragment);
  const id = asText(fragment["id"]) ?? "";
  const call = index === undefined ? calls.at(-1) : byIndex.get(index);
  if (!call) return undefined;
  // Another id with a name is another call, whatever index it stands under.
  const hasName = Boolean(asText(asObject(fragment["function"])?.["name"]));
  return id !== "" && call.id !== "" && id !== call.id && hasName ? undefined : call;
}

function indexOf(fragment: JsonObject): number | undefined {
  const { index } = fragment;
  return typeof index === "number" && Number.isSafeInteger(index) ? index : undefined;
}

/** Text as it is; some servers send an object, which then is written once. */
function argumentsText(value: unknown): string {
  if (typeof value === "string") return value;
  return asObject(value) ? JSON.stringify(value) : "";
}
