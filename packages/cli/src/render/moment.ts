// Moments in the reader's own time zone, in one form in every language.

const two = (value: number): string => String(value).padStart(2, "0");

/** `14:03:09`: for lines that follow what happens. */
export function formatTime(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `2026-03-07 14:03:09`: for lists. */
export function formatMoment(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${formatTime(at)}`;
}

/** `2026-03-07 14:03:09.042`: where the order within a second matters. */
export function formatExactMoment(at: number): string {
  return `${formatMoment(at)}.${String(new Date(at).getMilliseconds()).padStart(3, "0")}`;
}
