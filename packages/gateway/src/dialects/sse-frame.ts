// One server-sent event as text. Reading takes every line ending and joins several data lines, as the standard says.

/** The fields that dialects use. */
export interface SseFrame {
  /** `""` when it has none. */
  readonly event: string;
  /** `""` for a comment. */
  readonly data: string;
}

/** Reads a frame without its empty line. A line `error: {…}` is what older llama.cpp servers write for an event named error. */
export function readSseFrame(frame: string): SseFrame {
  let event = "";
  let data: string | undefined;
  for (const line of frame.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const value = line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    const field = line.slice(0, colon);
    if (field === "event") event = value;
    else if (field === "data" || field === "error") data = data === undefined ? value : `${data}\n${value}`;
    if (field === "error") event = "error";
  }
  return { event, data: data ?? "" };
}

/** A frame with its empty line. The value's JSON has no line ending, so one data line holds it. */
export function writeSseFrame(value: unknown, event?: string): string {
  const data = `data: ${JSON.stringify(value)}\n\n`;
  return event === undefined ? data : `event: ${event}\n${data}`;
}

/** Whole frames, each with its empty line, out of a piece that holds one or several. A rest without empty line is the last one. */
export function splitSseFrames(frames: Buffer): Buffer[] {
  const list: Buffer[] = [];
  let start = 0;
  let isLineEmpty = true;
  for (let at = 0; at < frames.length; at += 1) {
    const byte = frames[at];
    if (byte !== 0x0a && byte !== 0x0d) {
      isLineEmpty = false;
      continue;
    }
    if (byte === 0x0d && frames[at + 1] === 0x0a) at += 1;
    if (isLineEmpty) {
      list.push(frames.subarray(start, at + 1));
      start = at + 1;
    }
    isLineEmpty = true;
  }
  if (start < frames.length) list.push(frames.subarray(start));
  return list;
}
