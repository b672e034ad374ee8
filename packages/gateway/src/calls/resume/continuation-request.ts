// The request that asks a backend to go on from the text so far: the call as it would be sent there, with the text as the last message of
// the assistant. The bytes of the conversation stay; the message is put behind them.
import { createKeyTable, scanMembers } from "../../dialects/pass-through/member-scan.ts";
import { insertMember, spliceBody, type Edit } from "../../dialects/pass-through/splice.ts";
import type { ProviderTraits } from "../../dialects/provider-traits.ts";

const MESSAGES = createKeyTable(["messages"]);

/** The body, and the white space at the end of the text that was left out of it because the backend takes none there. */
export interface Continuation {
  readonly body: Buffer;
  readonly withheld: string;
}

/** How the backend continues a text. */
export interface ContinuationForm {
  readonly resume: NonNullable<ProviderTraits["resume"]>;
  readonly prefillMember: ProviderTraits["prefillMember"];
}

/** Adds the text so far to the body of a request; undefined when it has no messages, or nothing but white space was said. */
export function continueBody(
  body: Buffer,
  text: string,
  { resume, prefillMember }: ContinuationForm,
): Continuation | undefined {
  const { offsets, insertAt } = scanMembers(body, MESSAGES);
  const [, start = 0, end = 0] = offsets;
  if (start === 0 || body[start] !== 0x5b) return undefined;
  const isPrefill = resume === "assistant-prefill";
  const withheld = isPrefill ? (/\s*$/.exec(text)?.[0] ?? "") : "";
  const content = withheld === "" ? text : text.slice(0, -withheld.length);
  if (content === "") return undefined;
  const message = { role: "assistant", content, ...(prefillMember === undefined ? {} : { [prefillMember]: true }) };
  const isEmpty = /^\[\s*\]$/.test(body.toString("latin1", start, Math.min(end, start + 64)));
  const edits: Edit[] = [{ start: end - 1, end: end - 1, text: `${isEmpty ? "" : ","}${JSON.stringify(message)}` }];
  if (!isPrefill) {
    edits.push(insertMember(insertAt, "continue_final_message", "true"));
    edits.push(insertMember(insertAt, "add_generation_prompt", "false"));
  }
  return { body: spliceBody(body, edits), withheld };
}
