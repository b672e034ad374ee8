// Calendar days, weeks and months in a time zone: when a budget's period began and when the next one begins. Weeks begin on Monday
// (ISO 8601). A day is as long as the zone says: 23 or 25 hours when its clocks change.
import type { BudgetLimit } from "@flyball/core";

/** Wall milliseconds; `end` is the first that is not inside. */
export interface CalendarPeriod {
  readonly start: number;
  readonly end: number;
}

const DAY_MS = 86_400_000;

/** The period that holds a time. Throws a RangeError for a zone that the system does not know. */
export function calendarPeriod(per: BudgetLimit["per"], timeZone: string, now: number): CalendarPeriod {
  const zone = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "numeric", day: "numeric" });
  const { year, month, day } = zonedDate(now, zone);
  switch (per) {
    case "day":
      return between(zone, [year, month, day], [year, month, day + 1]);
    case "week": {
      const monday = day - ((new Date(Date.UTC(year, month, day)).getUTCDay() + 6) % 7);
      return between(zone, [year, month, monday], [year, month, monday + 7]);
    }
    case "month":
      return between(zone, [year, month, 1], [year, month + 1, 1]);
    default:
      return per satisfies never;
  }
}

type CivilDate = readonly [year: number, month: number, day: number];

function between(zone: Intl.DateTimeFormat, from: CivilDate, to: CivilDate): CalendarPeriod {
  return { start: startOfDay(zone, from), end: startOfDay(zone, to) };
}

/** The first moment of a civil day. Midnight may not exist where clocks are put forward at it; then the day begins after the gap. */
function startOfDay(zone: Intl.DateTimeFormat, date: CivilDate): number {
  const wanted = Date.UTC(...date);
  let early = wanted - DAY_MS;
  let late = wanted + DAY_MS;
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    const { year, month, day } = zonedDate(middle, zone);
    if (Date.UTC(year, month, day) >= wanted) late = middle;
    else early = middle;
  }
  return late;
}

function zonedDate(at: number, zone: Intl.DateTimeFormat): { year: number; month: number; day: number } {
  const parts = new Map(zone.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return { year: parts.get("year") ?? 0, month: (parts.get("month") ?? 1) - 1, day: parts.get("day") ?? 1 };
}
