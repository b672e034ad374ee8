// Spans of the day, `16:30-00:30`, as minutes of the day and back.

const DAY_MINUTES = 1_440;

/** From and to; `to` is not inside. */
export type DaySpan = readonly [fromMinute: number, toMinute: number];

/** The two ends of a span as they were written; the schema has checked the text. */
export function readDaySpan(text: string): DaySpan {
  const [from = 0, to = 0] = text.split("-").map((time) => {
    const [hours = 0, minutes = 0] = time.split(":").map(Number);
    return hours * 60 + minutes;
  });
  return [from, to];
}

/** Ascending spans that do not touch; one over midnight is two. */
export function resolveDaySpans(texts: readonly string[]): DaySpan[] {
  const spans = texts
    .map(readDaySpan)
    .flatMap(([from, to]): DaySpan[] => {
      return from < to
        ? [[from, to]]
        : [
            [from, DAY_MINUTES],
            [0, to],
          ];
    })
    .filter(([from, to]) => from < to)
    .toSorted((a, b) => a[0] - b[0]);
  const joined: DaySpan[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last && span[0] <= last[1]) joined[joined.length - 1] = [last[0], Math.max(last[1], span[1])];
    else joined.push(span);
  }
  return joined;
}

/** `16:30-24:00`. */
export function formatDaySpan([from, to]: DaySpan): string {
  const time = (minute: number): string =>
    `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  return `${time(from)}-${time(to)}`;
}
