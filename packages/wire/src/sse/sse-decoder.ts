// Reads server-sent events as they come. Source: WHATWG HTML, "Interpreting an event stream": UTF-8 with an optional BOM, lines ended by
// CRLF, CR or LF, an event at each blank line; an event without its blank line at the end of the stream is dropped.
import { TextDecoder } from "node:util";

/** An event as a reader sees it. */
export interface SseEvent {
  /** `message` unless the stream named another. */
  readonly event: string;
  readonly data: string;
  /** The last id that the stream gave, in this event or before. */
  readonly lastEventId: string;
}

/** Feeds chunks in, calls back with each event. */
export interface SseDecoder {
  push(chunk: Uint8Array): void;
}

/** What to do with what is read. At most one event of `maxEventLength` is held. */
export interface SseDecoderOptions {
  readonly onEvent: (event: SseEvent) => void;
  /** Without the leading colon and one space. */
  readonly onComment?: (text: string) => void;
  readonly onRetry?: (retryMs: number) => void;
  /** Longest line and longest data of one event, in UTF-16 units; 4 Mi unless set. */
  readonly maxEventLength?: number;
  /** Called once when that is exceeded; everything after it is dropped. */
  readonly onOverflow: () => void;
}

/** Creates a decoder for one stream. */
export function createSseDecoder(options: SseDecoderOptions): SseDecoder {
  const maxEventLength = options.maxEventLength ?? 4 * 1024 * 1024;
  const decoder = new TextDecoder("utf-8");
  const readLine = createLineReader(options, maxEventLength);
  let partOfLine = "";
  let endedWithCr = false;
  let hasOverflown = false;
  const overflow = (): void => {
    hasOverflown = true;
    partOfLine = "";
    options.onOverflow();
  };
  const push = (text: string): void => {
    let from = endedWithCr && text.startsWith("\n") ? 1 : 0;
    if (text !== "") endedWithCr = false;
    let cr = text.indexOf("\r", from);
    let lf = text.indexOf("\n", from);
    while (cr >= 0 || lf >= 0) {
      const isCr = cr >= 0 && (lf < 0 || cr < lf);
      const end = isCr ? cr : lf;
      const line = partOfLine + text.slice(from, end);
      partOfLine = "";
      if (line.length > maxEventLength || !readLine(line)) return overflow();
      from = end + 1;
      if (isCr && from === text.length) endedWithCr = true;
      else if (isCr && lf === from) from += 1;
      if (cr >= 0 && cr < from) cr = text.indexOf("\r", from);
      if (lf >= 0 && lf < from) lf = text.indexOf("\n", from);
    }
    partOfLine += text.slice(from);
    if (partOfLine.length > maxEventLength) overflow();
  };
  return {
    push(chunk) {
      if (!hasOverflown) push(decoder.decode(chunk, { stream: true }));
    },
  };
}

/** Takes lines; answers false when the data of the event has become too long. */
function createLineReader(options: SseDecoderOptions, maxEventLength: number): (line: string) => boolean {
  let data: string | undefined;
  let event = "";
  let lastEventId = "";
  const dispatch = (): void => {
    if (data !== undefined) options.onEvent({ event: event || "message", data, lastEventId });
    data = undefined;
    event = "";
  };
  const readField = (name: string, value: string): void => {
    if (name === "data") data = data === undefined ? value : `${data}\n${value}`;
    else if (name === "event") event = value;
    else if (name === "id" && !value.includes("\0")) lastEventId = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) options.onRetry?.(Number(value));
  };
  return (line) => {
    if (line === "") dispatch();
    else {
      const colon = line.indexOf(":");
      const name = colon < 0 ? line : line.slice(0, colon);
      const valueStart = line[colon + 1] === " " ? colon + 2 : colon + 1;
      const value = colon < 0 ? "" : line.slice(valueStart);
      if (colon === 0) options.onComment?.(value);
      else readField(name, value);
    }
    return (data?.length ?? 0) <= maxEventLength;
  };
}
