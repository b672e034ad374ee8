// Takes a URL-encoded form apart as bytes. Decoding to text comes later, with the encoding that the request declares, so
// that a form in another encoding is noticed instead of turned into replacement characters.

const ampersand = 0x26;
const equals = 0x3d;
const plus = 0x2b;
const percent = 0x25;
const space = 0x20;

/** One field with the bytes of its name and its value. */
export interface FormField {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

/** Splits a form. A percent sign without two hexadecimal digits after it stands for itself; `+` is a space. */
export function parseForm(body: Uint8Array): FormField[] {
  return splitAt(body, ampersand)
    .filter((pair) => pair.length > 0)
    .map((pair) => {
      const end = pair.indexOf(equals);
      const name = end === -1 ? pair : pair.subarray(0, end);
      const value = end === -1 ? pair.subarray(pair.length) : pair.subarray(end + 1);
      return { name: unescapeBytes(name), value: unescapeBytes(value) };
    });
}

function splitAt(bytes: Uint8Array, separator: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(separator); end !== -1; end = bytes.indexOf(separator, start)) {
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  parts.push(bytes.subarray(start));
  return parts;
}

function unescapeBytes(bytes: Uint8Array): Uint8Array {
  const plain = new Uint8Array(bytes.length);
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    const escaped = byte === percent ? hexadecimalAt(bytes, index + 1) : null;
    if (escaped !== null) index += 2;
    plain[length] = escaped ?? (byte === plus ? space : byte);
    length += 1;
  }
  return plain.subarray(0, length);
}

function hexadecimalAt(bytes: Uint8Array, index: number): number | null {
  const digits = String.fromCharCode(...bytes.subarray(index, index + 2));
  return /^[0-9a-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : null;
}
