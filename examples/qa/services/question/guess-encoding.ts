// Guesses the encoding of bytes that are not UTF-8, for an error message only: the person who sent them then knows what
// to change. The text itself is never taken from a guess.

/** A name such as "GBK", or null when nothing fits. */
export function guessEncoding(bytes: Uint8Array): string | null {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return "UTF-16";
  if (looksLikeGbk(bytes)) return "GBK";
  if (decodes("big5", bytes)) return "Big5";
  return decodes("windows-1252", bytes) ? "Windows-1252" : null;
}

/**
 * The second byte of a common GBK character is 0xA1 or more; in Big5, and in Latin text that happens to fit, it is often
 * below. The bytes count as GBK when at least half of the pairs have a high second byte.
 */
function looksLikeGbk(bytes: Uint8Array): boolean {
  if (!decodes("gbk", bytes)) return false;
  let pairs = 0;
  let highPairs = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    if ((bytes[index] ?? 0) < 0x81) continue;
    index += 1;
    pairs += 1;
    if ((bytes[index] ?? 0) >= 0xa1) highPairs += 1;
  }
  return highPairs * 2 >= pairs;
}

function decodes(encoding: string, bytes: Uint8Array): boolean {
  try {
    return !/\p{Cc}/u.test(new TextDecoder(encoding, { fatal: true }).decode(bytes).replace(/[\t\r\n]/gu, ""));
  } catch {
    return false;
  }
}
