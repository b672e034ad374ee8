// Robots refuse messages that are too long; a cut one is better than none.

/** The text within so many bytes of UTF-8, with a sign where it was cut; no character is halved. */
export function cutText(text: string, mostBytes: number): string {
  if (Buffer.byteLength(text) <= mostBytes) return text;
  let bytes = Buffer.byteLength("…");
  let kept = "";
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > mostBytes) break;
    kept += character;
  }
  return `${kept}…`;
}
