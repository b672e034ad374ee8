// Cuts an event stream into its events without changing a byte: each piece ends with the blank line.

/** Feeds bytes in, calls back with whole events. */
export interface EventSplitter {
  push(bytes: Buffer): void;
  /** What stands behind the last blank line; empty if nothing does. */
  rest(): Buffer;
}

const LONGEST_EVENT = 4 * 1024 * 1024;
const BLANK_LINES = ["\n\n", "\r\n\r\n", "\r\r"].map((text) => Buffer.from(text));

/** An event that is longer than 4 MiB comes in pieces. */
export function createEventSplitter(onEvent: (event: Buffer) => void): EventSplitter {
  let held: Buffer = Buffer.alloc(0);
  return {
    push(bytes) {
      held = held.byteLength === 0 ? bytes : Buffer.concat([held, bytes]);
      for (let end = endOfEvent(held); end > 0; end = endOfEvent(held)) {
        const event = held.subarray(0, end);
        held = held.subarray(end);
        onEvent(event);
      }
    },
    rest: () => held,
  };
}

function endOfEvent(bytes: Buffer): number {
  const ends = BLANK_LINES.map((blank) => ({ at: bytes.indexOf(blank), length: blank.byteLength }));
  const found = ends.filter(({ at }) => at >= 0).toSorted((a, b) => a.at - b.at)[0];
  if (found) return found.at + found.length;
  return bytes.byteLength > LONGEST_EVENT ? bytes.byteLength : 0;
}
