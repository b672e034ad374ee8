// What of a prompt is no text: images, sounds, documents. Their tokens cannot be told by their bytes, so whoever bounds a call has to know
// how many there are. Asked only for bodies in which the scan met one of their words.
import { asObject, asText, type JsonObject } from "./json-value.ts";
import { QUOTE } from "./json-cursor.ts";

/** The parts of one prompt that are no text. */
export interface PromptMedia {
  readonly images: number;
  /** Of sounds that stand in the body, decoded. */
  readonly soundBytes: number;
  /** There are documents, videos, files or sounds by address, whose size the body does not tell. */
  readonly isOpenEnded: boolean;
  /** Bytes of the body that are no text but such a part, encoded. */
  readonly encodedBytes: number;
}

/** Longer strings are cut out before the body is parsed: a picture of ten megabytes is found without being copied. */
const LONG_STRING_BYTES = 4_096;
/** Begins what stands in the place of a string that was cut out; its length follows. A body that has it of its own is parsed whole. */
const CUT = "\u0000";
const OWN_CUT = Buffer.from("\\u0000");
const BACKSLASH = 0x5c;

type Sums = { -readonly [Key in keyof PromptMedia]: PromptMedia[Key] };

/** Reads a body that was scanned before: it is a JSON object. */
export function readPromptMedia(body: Buffer): PromptMedia {
  const sums: Sums = { images: 0, soundBytes: 0, isOpenEnded: false, encodedBytes: 0 };
  const isCut = !body.includes(OWN_CUT);
  const call = asObject(JSON.parse(isCut ? cutLongStrings(body) : body.toString("utf8"))) ?? {};
  for (const root of ["messages", "input", "system"]) visit(call[root], sums);
  // A stored prompt of the Responses API.
  if (asObject(call["prompt"])) sums.isOpenEnded = true;
  // Its marks are not ours: nothing is known to be no text.
  return isCut ? sums : { ...sums, isOpenEnded: true, encodedBytes: 0 };
}

function visit(value: unknown, sums: Sums): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, sums);
    return;
  }
  const part = asObject(value);
  if (part) visitPart(part, sums);
}

function visitPart(part: JsonObject, sums: Sums): void {
  const source = asObject(part["source"]);
  switch (kindOf(part)) {
    case "image_url":
    case "input_image":
    case "image":
    case "image_embeds":
    case "computer_screenshot":
      sums.images += 1;
      sums.encodedBytes += inlineBytes(part["image_url"]) + inlineBytes(part["image"]) + dataBytes(source);
      return;
    case "input_audio":
    case "audio_url":
    case "audio": {
      const encoded = dataBytes(asObject(part["input_audio"])) + inlineBytes(part["audio_url"]) + dataBytes(source);
      sums.encodedBytes += encoded;
      sums.soundBytes += Math.ceil((encoded * 3) / 4);
      if (encoded === 0) sums.isOpenEnded = true;
      return;
    }
    case "document":
      // A document of text or of parts counts as they do.
      if (asText(source?.["type"]) === "text") return;
      if (asText(source?.["type"]) === "content") {
        visit(source?.["content"], sums);
        return;
      }
      sums.encodedBytes += dataBytes(source);
      sums.isOpenEnded = true;
      return;
    case "file":
    case "input_file":
      sums.encodedBytes += lengthOf(part["file_data"]) + lengthOf(asObject(part["file"])?.["file_data"]);
      sums.isOpenEnded = true;
      return;
    case "video":
    case "video_url":
    case "input_video":
    case "item_reference":
    case "container_upload":
      sums.encodedBytes += inlineBytes(part["video_url"]);
      sums.isOpenEnded = true;
      return;
    default:
      visit(part["content"], sums);
      visit(part["output"], sums);
  }
}

/** Some servers take a part without its type. */
function kindOf(part: JsonObject): string | undefined {
  const type = asText(part["type"]);
  if (type !== undefined) return type;
  for (const key of ["image_url", "input_audio", "audio_url", "video_url"]) if (part[key] !== undefined) return key;
  return undefined;
}

/** `"data:…"`, or `{"url":"data:…"}`. */
function inlineBytes(value: unknown): number {
  const text = asText(value) ?? asText(asObject(value)?.["url"]) ?? "";
  return text.startsWith("data:") || text.startsWith(CUT) ? lengthOf(text) : 0;
}

function dataBytes(holder: JsonObject | undefined): number {
  return lengthOf(holder?.["data"]);
}

function lengthOf(value: unknown): number {
  const text = asText(value) ?? "";
  return text.startsWith(CUT) ? Number(text.slice(CUT.length)) : text.length;
}

/** The text of the body with a mark in the place of each long string. */
function cutLongStrings(body: Buffer): string {
  if (body.length <= LONG_STRING_BYTES) return body.toString("utf8");
  let text = "";
  let copied = 0;
  for (let open = body.indexOf(QUOTE); open >= 0;) {
    const close = stringEnd(body, open + 1);
    if (close - open > LONG_STRING_BYTES) {
      text += `${body.toString("utf8", copied, open + 1)}\\u0000${close - open - 1}`;
      copied = close;
    }
    open = body.indexOf(QUOTE, close + 1);
  }
  return text + body.toString("utf8", copied);
}

/** The quote that ends a string: the first with an even number of backslashes before it. */
function stringEnd(body: Buffer, start: number): number {
  for (let at = body.indexOf(QUOTE, start); at >= 0; at = body.indexOf(QUOTE, at + 1)) {
    let before = at - 1;
    while (body[before] === BACKSLASH) before -= 1;
    if ((at - before) % 2 === 1) return at;
  }
  return body.length;
}
