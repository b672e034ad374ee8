// Finds the end of a response's head in the bytes as they come, and refuses bytes that cannot be in one. It looks at each byte once,
// however the head is cut into reads, and keeps what came before the end of it: at most 64 KiB.
import type { ResponseFault } from "./response-fault.ts";

/** Bytes of one head. */
export const MAX_HEAD_BYTES = 64 * 1024;

const CR = 0x0d;
const LF = 0x0a;
const TAB = 0x09;
const DELETE = 0x7f;
const BEGINNING = Buffer.from("HTTP/", "latin1");

/** Scans one head after the other. */
export class HeadScanner {
  /** The text of the head once its end was found, without its last empty line. */
  text = "";
  fault: ResponseFault | undefined;
  #kept: Buffer | null = null;
  /** Bytes of this head in earlier reads. */
  #length = 0;
  #isAfterCr = false;
  /** The current line began in an earlier read. */
  #isInLine = false;

  /** Begins a new head. */
  reset(): void {
    this.text = "";
    this.fault = undefined;
    this.#kept = null;
    this.#length = 0;
    this.#isAfterCr = false;
    this.#isInLine = false;
  }

  /** The offset behind the head; −1 when it goes on or there is a fault. */
  scan(bytes: Buffer, start: number, end: number): number {
    if (this.#length < BEGINNING.length && !this.#isRightBeginning(bytes, start, end)) {
      return this.#fail("FB_UPSTREAM_STATUS_LINE");
    }
    const limit = Math.min(end, start + MAX_HEAD_BYTES - this.#length);
    const headEnd = this.#findEnd(bytes, start, limit);
    if (this.fault !== undefined) return -1;
    if (headEnd > 0) {
      this.text = this.#textUpTo(bytes, start, headEnd);
      return headEnd;
    }
    if (limit < end) return this.#fail("FB_UPSTREAM_HEAD_TOO_LARGE");
    this.#keep(bytes, start, end);
    return -1;
  }

  #fail(fault: ResponseFault): -1 {
    this.fault = fault;
    return -1;
  }

  #isRightBeginning(bytes: Buffer, start: number, end: number): boolean {
    const count = Math.min(BEGINNING.length - this.#length, end - start);
    for (let at = 0; at < count; at += 1) {
      if (bytes[start + at] !== BEGINNING[this.#length + at]) return false;
    }
    return true;
  }

  /** 0 when there is no end yet. */
  #findEnd(bytes: Buffer, start: number, end: number): number {
    let lineStart = this.#isInLine ? start - 1 : start;
    let at = start;
    if (this.#isAfterCr && at < end) {
      this.#isAfterCr = false;
      if (bytes[at] !== LF) return this.#refuse("FB_UPSTREAM_CONTROL_BYTE");
      at += 1;
      if (!this.#isInLine) return at;
      lineStart = at;
    }
    for (; at < end; at += 1) {
      const byte = bytes[at] as number;
      if ((byte > 0x1f && byte !== DELETE) || byte === TAB) continue;
      if (byte === LF) return this.#refuse("FB_UPSTREAM_BARE_LF");
      if (byte !== CR) return this.#refuse("FB_UPSTREAM_CONTROL_BYTE");
      const isEmpty = at === lineStart;
      if (at + 1 === end) {
        this.#isAfterCr = true;
        this.#isInLine = !isEmpty;
        return 0;
      }
      at += 1;
      if (bytes[at] !== LF) return this.#refuse("FB_UPSTREAM_CONTROL_BYTE");
      if (isEmpty) return at + 1;
      lineStart = at + 1;
    }
    this.#isInLine = lineStart < end;
    return 0;
  }

  #refuse(fault: ResponseFault): 0 {
    this.fault = fault;
    return 0;
  }

  #textUpTo(bytes: Buffer, start: number, headEnd: number): string {
    if (this.#kept === null) return bytes.toString("latin1", start, headEnd - 4);
    this.#keep(bytes, start, headEnd);
    return this.#kept.toString("latin1", 0, this.#length - 4);
  }

  /** Copies, because the bytes are the reader's. The room doubles, so a head that comes byte by byte is not copied over and over. */
  #keep(bytes: Buffer, start: number, end: number): void {
    const length = this.#length + end - start;
    if (this.#kept === null || this.#kept.length < length) {
      const larger = Buffer.allocUnsafe(Math.max(1_024, 2 * length));
      this.#kept?.copy(larger, 0, 0, this.#length);
      this.#kept = larger;
    }
    bytes.copy(this.#kept, this.#length, start, end);
    this.#length = length;
  }
}
