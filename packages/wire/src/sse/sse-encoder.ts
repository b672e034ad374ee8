// Writes server-sent events. Source: WHATWG HTML, "Server-sent events".

/** What an event says. `data` may have several lines. */
export interface SseEventFields {
  readonly data: string;
  /** Absent: `message`. */
  readonly event?: string;
  readonly id?: string;
  readonly retryMs?: number;
}

const LINE_END = /\r\n|\r|\n/;

/** One event with its blank line. Throws a RangeError when `event` or `id` holds a line end, or `id` a NUL: a reader would see another event. */
export function encodeSseEvent(fields: SseEventFields): string {
  let text = "";
  if (fields.event !== undefined) text += `event: ${oneLine(fields.event)}\n`;
  if (fields.id !== undefined) text += `id: ${oneLine(fields.id)}\n`;
  if (fields.retryMs !== undefined) text += `retry: ${Math.trunc(fields.retryMs)}\n`;
  for (const line of fields.data.split(LINE_END)) text += `data: ${line}\n`;
  return `${text}\n`;
}

/** A comment, which readers ignore: keeps a connection open. */
export function encodeSseComment(text: string): string {
  return `${text
    .split(LINE_END)
    .map((line) => `: ${line}\n`)
    .join("")}\n`;
}

function oneLine(value: string): string {
  if (/[\r\n\0]/.test(value)) throw new RangeError("an event's name and id are one line without NUL");
  return value;
}
