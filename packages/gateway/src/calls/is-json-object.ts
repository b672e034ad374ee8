// Whether bytes can be a JSON object, by their first and last character. What is cut, empty or a page of a proxy is none; what is one by
// this look and no JSON after all was written so by the backend.

/** Looks past white space on both sides. */
export function isJsonObject(body: Buffer): boolean {
  let start = 0;
  let end = body.length - 1;
  while (start <= end && isSpace(body[start])) start += 1;
  while (end > start && isSpace(body[end])) end -= 1;
  return end > start && body[start] === OPEN && body[end] === CLOSE;
}

const OPEN = 0x7b;
const CLOSE = 0x7d;

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
