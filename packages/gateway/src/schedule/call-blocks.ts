// What of a call an engine reads first, as blocks by which its prefix cache is known: the system prompt, where it is a member of its own, and then
// the messages.
import type { CallScan } from "../dialects/pass-through/call-scan.ts";
import { promptBlocks, seedOfPart } from "./prompt-blocks.ts";

/** The spans of a call that hold its prompt. */
export type PromptSpans = Pick<CallScan, "system" | "messages" | "insertAt">;

/** The blocks of its prompt. `seed` keeps apart whose caches are apart. */
export function callBlocks(body: Buffer, { system, messages, insertAt }: PromptSpans, seed: number): readonly number[] {
  if (messages !== undefined) return promptBlocks(body, system === undefined ? [messages] : [system, messages], seed);
  // Without a list of messages the whole body is the prompt, as far as anybody can tell without reading it. The system prompt stands in it, maybe
  // behind what is alike: so it is no part of its own, but all blocks are of it.
  const whole = { start: insertAt, end: body.length };
  return promptBlocks(body, [whole], system === undefined ? seed : seedOfPart(body, system, seed));
}
