// Durations and sizes as numbers, and back.

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const BYTES: Readonly<Record<string, number>> = {
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** `1.5s` → 1500. The text was checked by the schema; anything else throws. */
export function parseDuration(text: string): number {
  return Math.round(parseQuantity(text, MILLISECONDS));
}

/** `512MiB` → 536870912. The text was checked by the schema; anything else throws. */
export function parseSize(text: string): number {
  return Math.round(parseQuantity(text, BYTES));
}

function parseQuantity(text: string, units: Readonly<Record<string, number>>): number {
  const match = /^([0-9.]+)([A-Za-z]+)$/.exec(text);
  const unit = units[match?.[2] ?? ""];
  if (match === null || unit === undefined) throw new RangeError(`not a quantity: ${text}`);
  return Number(match[1]) * unit;
}

/** 90000 → `90s`: the largest unit that needs no fraction. */
export function formatDuration(milliseconds: number): string {
  return formatQuantity(milliseconds, MILLISECONDS, "ms");
}

/** 536870912 → `512MiB`: the largest unit that needs no fraction; bytes that fit none are given in KB with fractions. */
export function formatSize(bytes: number): string {
  const whole = formatQuantity(bytes, BYTES, "");
  return /[A-Za-z]$/.test(whole) ? whole : `${bytes / 1e3}KB`;
}

function formatQuantity(value: number, units: Readonly<Record<string, number>>, smallest: string): string {
  const fitting = Object.entries(units).filter(([, factor]) => value >= factor && value % factor === 0);
  const best = fitting.toSorted((a, b) => b[1] - a[1])[0];
  return best === undefined ? `${value}${smallest}` : `${value / best[1]}${best[0]}`;
}
