// Whether a cut answer may be continued from its text so far.
import { asObject } from "../json-value.ts";
import type { CallScan } from "./call-scan.ts";

/**
 * Whether the call is resumable and its last message is not the assistant's, which a continuation would follow as a second one. Parses
 * the messages, so ask it only when a stream was cut.
 */
export function canContinue(body: Buffer, scan: CallScan): boolean {
  if (!scan.isResumable || !scan.messages) return false;
  const messages: unknown = JSON.parse(body.toString("utf8", scan.messages.start, scan.messages.end));
  if (typeof messages === "string") return messages !== "";
  if (!Array.isArray(messages) || messages.length === 0) return false;
  const last = asObject(messages.at(-1)) ?? {};
  // An item of Responses that is no message (a result of a tool, an earlier thought) has what follows it written otherwise.
  return last["role"] !== "assistant" && (last["type"] === undefined || last["type"] === "message");
}
