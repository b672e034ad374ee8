// Takes the chunked transfer coding apart (RFC 9112 §7.1), strictly: a size is hexadecimal digits and nothing else, every line ends in
// CRLF. Extensions and trailers are dropped; how long they may be is bounded, for they cost the reader work and bring nothing.
import type { ResponseFault } from "./response-fault.ts";

/** Digits of a chunk's size: up to 2^48 − 1 bytes. */
const MAX_SIZE_DIGITS = 12;
/** Bytes of extensions in one body, as in Node's own parser. */
export const MAX_EXTENSION_BYTES = 16 * 1024;
/** Bytes of trailers in one body. */
export const MAX_TRAILER_BYTES = 16 * 1024;

const SIZE = 0;
const EXTENSION = 1;
const SIZE_LF = 2;
const DATA = 3;
const DATA_CR = 4;
const DATA_LF = 5;
const TRAILER = 6;
const TRAILER_LF = 7;

const CR = 0x0d;
const LF = 0x0a;
const TAB = 0x09;
const SEMICOLON = 0x3b;

/** Decodes one body after the other. `next` is called until it says that it needs more bytes, that the body is whole, or a fault. */
export class ChunkDecoder {
  fault: ResponseFault | undefined;
  isComplete = false;
  /** What the last step found: the bytes of `[dataStart, dataEnd)` are content; empty when equal. */
  dataStart = 0;
  dataEnd = 0;
  #state = SIZE;
  /** Bytes left of the current chunk. */
  #left = 0;
  #digits = 0;
  #extensionBytes = 0;
  #trailerBytes = 0;
  #isTrailerLineEmpty = true;

  /** Begins a new body. */
  reset(): void {
    this.fault = undefined;
    this.isComplete = false;
    this.#state = SIZE;
    this.#left = 0;
    this.#digits = 0;
    this.#extensionBytes = 0;
    this.#trailerBytes = 0;
    this.#isTrailerLineEmpty = true;
  }

  /** Goes on to the next piece of content, the end of the body or the end of the bytes; gives the offset up to which bytes were used. */
  next(bytes: Buffer, start: number, end: number): number {
    let at = start;
    this.dataStart = at;
    this.dataEnd = at;
    while (at < end) {
      if (this.#state === DATA) {
        const stop = Math.min(end, at + this.#left);
        this.dataStart = at;
        this.dataEnd = stop;
        this.#left -= stop - at;
        if (this.#left === 0) this.#state = DATA_CR;
        return stop;
      }
      this.#takeByte(bytes[at] as number);
      at += 1;
      if (this.isComplete || this.fault !== undefined) return at;
    }
    return at;
  }

  #takeByte(byte: number): void {
    switch (this.#state) {
      case SIZE:
        this.#takeSize(byte);
        return;
      case EXTENSION:
        this.#takeExtension(byte);
        return;
      case SIZE_LF:
        this.#expect(byte, LF, this.#left === 0 ? TRAILER : DATA);
        return;
      case DATA_CR:
        this.#expect(byte, CR, DATA_LF);
        return;
      case DATA_LF:
        this.#expect(byte, LF, SIZE);
        this.#digits = 0;
        return;
      case TRAILER:
        this.#takeTrailer(byte);
        return;
      default:
        this.#expect(byte, LF, TRAILER);
        if (this.#isTrailerLineEmpty) this.isComplete = this.fault === undefined;
        this.#isTrailerLineEmpty = true;
    }
  }

  #expect(byte: number, wanted: number, next: number): void {
    if (byte === wanted) this.#state = next;
    else this.fault = "FB_UPSTREAM_CHUNK";
  }

  #takeSize(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0 && this.#digits < MAX_SIZE_DIGITS) {
      this.#left = this.#left * 16 + digit;
      this.#digits += 1;
    } else if (digit >= 0 || this.#digits === 0) this.fault = "FB_UPSTREAM_CHUNK";
    else if (byte === CR) this.#state = SIZE_LF;
    else if (byte === SEMICOLON) this.#state = EXTENSION;
    else this.fault = "FB_UPSTREAM_CHUNK";
  }

  #takeExtension(byte: number): void {
    if (byte === CR) {
      this.#state = SIZE_LF;
      return;
    }
    this.#extensionBytes += 1;
    if (isControl(byte)) this.fault = "FB_UPSTREAM_CHUNK";
    else if (this.#extensionBytes > MAX_EXTENSION_BYTES) this.fault = "FB_UPSTREAM_CHUNK_EXTENSIONS_TOO_LARGE";
  }

  #takeTrailer(byte: number): void {
    if (byte === CR) {
      this.#state = TRAILER_LF;
      return;
    }
    this.#isTrailerLineEmpty = false;
    this.#trailerBytes += 1;
    if (isControl(byte)) this.fault = "FB_UPSTREAM_CHUNK";
    else if (this.#trailerBytes > MAX_TRAILER_BYTES) this.fault = "FB_UPSTREAM_TRAILERS_TOO_LARGE";
  }
}

function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== TAB) || byte === 0x7f;
}

/** −1 for a byte that is no hexadecimal digit. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
