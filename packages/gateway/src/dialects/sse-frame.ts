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
