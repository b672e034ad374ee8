// The signature of reasoning between this dialect and the others. OpenAI encrypts it and binds it to the item's id, so both travel as
// one signature, and come apart again on the way back. A signature of another provider stands alone in an item of ours.

import type { NormalThinking } from "../normal-form/normal-request.ts";

/** Items that we made; their ids mean nothing to a provider. */
export const OWN_REASONING_ID = "rs_flyball";

/** Marks reasoning that is redacted as a whole, which another provider keeps apart from signed one. */
const REDACTED = "redacted:";

/** The signature of an item; undefined when it has none. */
export function packSignature(itemId: string, encrypted: string | undefined): string | undefined {
  if (!encrypted) return undefined;
  return itemId.startsWith(OWN_REASONING_ID) ? encrypted : `${itemId}|${encrypted}`;
}

/** What stands as the encrypted content of an item of ours. */
export function ownEncryptedContent(thinking: {
  readonly signature: string | undefined;
  readonly redacted?: string;
}): string | undefined {
  return thinking.redacted === undefined ? thinking.signature : `${REDACTED}${thinking.redacted}`;
}

/** Reasoning of an earlier turn that a client sends back. */
export function readBack(itemId: string, text: string, encrypted: string | undefined): NormalThinking {
  const signature = packSignature(itemId, encrypted);
  if (!signature?.startsWith(REDACTED)) return { kind: "thinking", text, signature };
  return { kind: "thinking", text: "", signature: undefined, redacted: signature.slice(REDACTED.length) };
}

/** The provider's item; undefined when the signature is not of this dialect. */
export function unpackSignature(
  signature: string | undefined,
): { readonly id: string; readonly encrypted: string } | undefined {
  const bar = signature?.indexOf("|") ?? -1;
  if (signature === undefined || bar <= 0) return undefined;
  return { id: signature.slice(0, bar), encrypted: signature.slice(bar + 1) };
}
