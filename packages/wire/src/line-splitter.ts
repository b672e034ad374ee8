// Cuts a byte stream into lines. It works on bytes, because a chunk may end inside a UTF-8 character; a whole line never does.

/** Feeds chunks in, calls back with each complete line (without its LF). */
export interface LineSplitter {
  push(chunk: Buffer): void;
  /** What stands behind the last LF; empties the splitter. */
  flush(): Buffer;
}

/** What to do with lines. At most one line of `maxLineBytes` and a chunk are held. */
export interface LineSplitterOptions {
  readonly maxLineBytes: number;
  /** `isCut`: the line was too long, what follows belongs to it. */
  readonly onLine: (line: Buffer, isCut: boolean) => void;
  /** Called once for a too long line, after which everything is dropped. Absent: a too long line is cut between two characters. */
  readonly onOverflow?: () => void;
}

/** Creates a splitter. */
export function createLineSplitter(options: LineSplitterOptions): LineSplitter {
  const { maxLineBytes, onLine, onOverflow } = options;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let hasOverflown = false;
  const take = (): Buffer => {
    const line = held.length === 1 ? held[0]! : Buffer.concat(held);
    held = [];
    heldBytes = 0;
    return line;
  };
  const hold = (part: Buffer): void => {
    if (part.length > 0) held.push(part);
    heldBytes += part.length;
    if (heldBytes <= maxLineBytes) return;
    let rest = take();
    if (onOverflow) {
      hasOverflown = true;
      return onOverflow();
    }
    while (rest.length > maxLineBytes) {
      const end = characterBoundary(rest, maxLineBytes);
      onLine(rest.subarray(0, end), true);
      rest = rest.subarray(end);
    }
    hold(rest);
  };
  return {
    push(chunk) {
      let from = 0;
      for (;;) {
        if (hasOverflown) return;
        const end = chunk.indexOf(0x0a, from);
        if (end < 0) return hold(chunk.subarray(from));
        hold(chunk.subarray(from, end));
        if (!hasOverflown) onLine(take(), false);
        from = end + 1;
      }
    },
    flush: take,
  };
}

/** The last place at or before `at` where no character is cut; `at` itself for bytes that are not UTF-8. */
function characterBoundary(bytes: Buffer, at: number): number {
  for (let end = at; end > at - 4 && end > 0; end -= 1) {
    if ((bytes[end]! & 0xc0) !== 0x80) return end;
  }
  return at;
}
