// A mail as it goes over the wire (RFC 5322, 2045, 2047): plain text in UTF-8, in base64, so that no line is too long or begins with a dot, and no
// word of another program can become a header.
import { plainText, type NoticeMessage } from "../notice-message.ts";

/** Who writes to whom. */
export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

/** Bytes of text in one encoded word, so that the line holds its frame and the name of the header. */
const WORD_BYTES = 39;

/** The mail with its headers; lines end in CRLF. The same notice has the same Message-ID, so that it can be told when it comes twice. */
export function composeMail(message: NoticeMessage, { from, to }: Envelope): string {
  const body = Buffer.from(plainText(message), "utf8").toString("base64");
  return [
    `From: Flyball <${from}>`,
    `To: ${to.join(",\r\n ")}`,
    `Subject: ${encodeHeader(message.title)}`,
    `Date: ${new Date(message.at).toUTCString().replace(/GMT$/, "+0000")}`,
    `Message-ID: <${message.id}@${message.app}.flyball>`,
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    ...(body.match(/.{1,76}/g) ?? []),
    "",
  ].join("\r\n");
}

/** Encoded words where it is more than short plain ASCII; no character is halved. */
function encodeHeader(text: string): string {
  if (/^[\x20-\x7E]{0,60}$/.test(text) && !text.includes("=?")) return text;
  const words: string[] = [];
  let word = "";
  for (const character of text) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  return [...words, word].map((part) => `=?UTF-8?B?${Buffer.from(part, "utf8").toString("base64")}?=`).join("\r\n ");
}
