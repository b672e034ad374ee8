// The value of a key: `fb-`, 32 random bytes, and a checksum, so that a scanner for leaked secrets, and a person who copied half of it, can
// tell a key from any other text without asking anybody.
import { createHmac } from "node:crypto";
import { crc32 } from "node:zlib";
import type { StoredValue } from "./stored-key.ts";

const RANDOM_BYTES = 32;
const PREFIX_LENGTH = 7;

/** Random bytes that nobody can guess: `randomBytes` of node:crypto. */
export type SecureRandom = (size: number) => Uint8Array;

/** `fb-`, 43 characters of base64url for the random bytes, 6 for the CRC-32 of those 43 characters. */
export function makeKeyValue(random: SecureRandom): string {
  const secret = Buffer.from(random(RANDOM_BYTES)).toString("base64url");
  return `fb-${secret}${checksumOf(secret)}`;
}

/** What may be kept of a value. */
export function storedValue(keySecret: string, value: string): StoredValue {
  return {
    hmac: createHmac("sha256", keySecret).update(value).digest("hex"),
    prefix: value.slice(0, PREFIX_LENGTH),
  };
}

function checksumOf(secret: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(secret));
  return bytes.toString("base64url");
}
