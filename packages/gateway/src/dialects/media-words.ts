// The words by which the APIs tell a part of a prompt that is no text. The walk over a body looks for them on its way, so that a prompt of
// text is known to be one at the cost of comparing the lengths of its short strings.

const WORDS = [
  "file",
  "image",
  "audio",
  "video",
  "document",
  "image_url",
  "audio_url",
  "video_url",
  "input_file",
  "input_image",
  "input_audio",
  "input_video",
  "image_embeds",
  "item_reference",
  "container_upload",
  "computer_screenshot",
] as const;

/** By their length with quotes. */
const BY_LENGTH: readonly (readonly Buffer[] | undefined)[] = groupByLength();

/** No longer string is one, not even written in escapes alone. */
export const LONGEST_MEDIA_WORD: number = 6 * BY_LENGTH.length;

/** Whether the string between these places, quotes included, is such a word, or may be one behind its escapes. */
export function isMediaWord(body: Buffer, start: number, end: number, hasEscape: boolean): boolean {
  if (hasEscape) return body.subarray(start, end).includes("\\u");
  const words = BY_LENGTH[end - start];
  if (words === undefined) return false;
  for (const word of words) {
    let at = 1;
    while (at < word.length && body[start + at] === word[at]) at += 1;
    if (at === word.length) return true;
  }
  return false;
}

function groupByLength(): readonly (readonly Buffer[] | undefined)[] {
  const groups: Buffer[][] = [];
  for (const word of WORDS) (groups[word.length + 2] ??= []).push(Buffer.from(`"${word}"`));
  return groups;
}
