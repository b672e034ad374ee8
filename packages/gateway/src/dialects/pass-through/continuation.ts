// How a cut answer goes on at another backend: the text so far becomes the assistant's last message, and the backend is told, in its
// own way, to continue it.
import { asObject } from "../json-value.ts";
import type { CallEdits, CallScan } from "./call-scan.ts";
import { insertMember, type Edit } from "./splice.ts";

/**
 * Whether a call may be continued at all: it is resumable and its last message is not the assistant's, which a continuation would
 * follow as a second one. Parses the messages, so ask it only when a stream was cut.
 */
export function canContinue(body: Buffer, scan: CallScan): boolean {
  if (!scan.isResumable || !scan.messages) return false;
  const messages: unknown = JSON.parse(body.toString("utf8", scan.messages.start, scan.messages.end));
  if (!Array.isArray(messages) || messages.length === 0) return false;
  return asObject(messages.at(-1))?.["role"] !== "assistant";
}

/** The edits; none where the provider cannot continue. */
export function continuationEdits(
  body: Buffer,
  scan: CallScan,
  continuation: NonNullable<CallEdits["continuation"]>,
): Edit[] {
  const { text, traits } = continuation;
  if (!scan.messages || traits.resume === undefined) return [];
  const member = traits.prefillMember === undefined ? {} : { [traits.prefillMember]: true };
  const message = JSON.stringify({ role: "assistant", content: text, ...member });
  const end = scan.messages.end - 1;
  const isEmpty = /^\[\s*\]$/.test(
    body.toString("latin1", scan.messages.start, Math.min(scan.messages.end, scan.messages.start + 16)),
  );
  const edits: Edit[] = [{ start: end, end, text: isEmpty ? message : `,${message}` }];
  if (traits.resume === "continue-final-message") {
    edits.push(insertMember(scan.insertAt, "continue_final_message", "true"));
    edits.push(insertMember(scan.insertAt, "add_generation_prompt", "false"));
  }
  return edits;
}
