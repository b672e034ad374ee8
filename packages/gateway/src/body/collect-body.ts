// Puts a body together from the pieces it comes in. Memory that the system gave for a long one is given back by hand: to the collector it is
// outside its heap, and a few hundred long bodies a second would make it collect everything over and over.

/** What is shorter is left to the collector. */
const LONG_BYTES = 64 * 1024;
/** A body that was announced as longer gets this much first, and more as it comes: an announcement alone costs nothing. */
const FIRST_BYTES = 1024 * 1024;

/** A body that is coming in. */
export interface BodyCollector {
  readonly length: number;
  /** The piece is the collector's from here on. */
  add(piece: Buffer): void;
  /** All of it; nothing may be added after. */
  take(): Buffer;
}

/** Collects a body. `announced`: its `content-length`; 0 when it is not known. */
export function createBodyCollector(announced: number): BodyCollector {
  return new Collector(announced);
}

/**
 * Gives the memory of a long buffer back at once, when it has its memory for itself. Whoever still reads the buffer finds it empty. A buffer that
 * the system may still write from must not be given here.
 */
export function freeBytes(bytes: Buffer): void {
  const { buffer } = bytes;
  if (bytes.length < LONG_BYTES / 2 || buffer.byteLength !== bytes.length || !(buffer instanceof ArrayBuffer)) return;
  buffer.transfer(0);
}

class Collector implements BodyCollector {
  length = 0;
  readonly #announced: number;
  /** A short body, or the beginning of a long one. */
  #pieces: Buffer[] = [];
  /** A long body, as far as it has come. */
  #whole: Buffer | undefined;
  /** Was copied, and is given back with the next one: until its turn is over its parser may still read it. */
  #copied: Buffer | undefined;

  constructor(announced: number) {
    this.#announced = announced;
  }

  add(piece: Buffer): void {
    const isLong = this.#announced > LONG_BYTES && this.length + piece.length > LONG_BYTES;
    if (isLong) this.#copy(piece);
    else this.#pieces.push(piece);
    this.length += piece.length;
  }

  take(): Buffer {
    this.#release(undefined);
    const [whole, pieces] = [this.#whole, this.#pieces];
    if (whole !== undefined) return whole.length === this.length ? whole : whole.subarray(0, this.length);
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, this.length);
  }

  #copy(piece: Buffer): void {
    this.#grow(this.length + piece.length).set(piece, this.length);
    this.#release(piece);
  }

  /** The place of the whole body, with room for this many bytes and what came so far in it. */
  #grow(bytes: number): Buffer {
    const before = this.#whole;
    if (before !== undefined && before.length >= bytes) return before;
    const enough = Math.max(bytes, Math.min(this.#announced, before === undefined ? FIRST_BYTES : before.length * 2));
    const whole = Buffer.allocUnsafeSlow(enough);
    let at = 0;
    for (const early of before === undefined ? this.#pieces : [before]) {
      whole.set(early, at);
      at += early.length;
    }
    this.#pieces = [];
    if (before !== undefined) freeBytes(before);
    this.#whole = whole;
    return whole;
  }

  #release(next: Buffer | undefined): void {
    if (this.#copied !== undefined) freeBytes(this.#copied);
    this.#copied = next;
  }
}
