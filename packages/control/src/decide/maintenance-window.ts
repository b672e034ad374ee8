// Maintenance windows in the app's time zone. Pure: the zone's clock comes from Intl, so a change to summer time moves a window as people expect it.
import { WEEKDAYS, type MaintenanceWindow } from "@flyball/core";

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;

/** The wall time at which the latest of the windows that are on ends; undefined: none is on. */
export function endOfWindow(windows: readonly MaintenanceWindow[], now: number, timeZone: string): number | undefined {
  if (windows.length === 0) return undefined;
  const { weekday, minute } = civilMinute(now, timeZone);
  const ends = windows.flatMap(({ days, fromMinute, toMinute }) => {
    const length = (toMinute - fromMinute + DAY_MINUTES) % DAY_MINUTES;
    // It began today, or yesterday and goes over midnight.
    return [0, 1].flatMap((daysAgo) => {
      const day = WEEKDAYS[(weekday - daysAgo + 7) % 7];
      const since = minute - fromMinute + daysAgo * DAY_MINUTES;
      const isOn = since >= 0 && since < length && (days === undefined || (day !== undefined && days.includes(day)));
      return isOn ? [now + (length - since) * MINUTE_MS - (now % MINUTE_MS)] : [];
    });
  });
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function civilMinute(now: number, timeZone: string): { readonly weekday: number; readonly minute: number } {
  const options = { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const parts = new Intl.DateTimeFormat("en-US", options).formatToParts(now);
  const valueOf = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
  const weekday = WEEKDAYS.findIndex((day) => day === valueOf("weekday").toLowerCase());
  return { weekday, minute: Number(valueOf("hour")) * 60 + Number(valueOf("minute")) };
}
