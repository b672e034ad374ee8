import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calendarPeriod } from "./calendar-period.ts";

const at = (text: string): number => Date.parse(text);

describe("calendar periods", () => {
  it("are days, weeks from Monday and months in UTC", () => {
    const now = at("2026-11-25T13:00:00Z");
    expect(calendarPeriod("day", "UTC", now)).toEqual({
      start: at("2026-11-25T00:00:00Z"),
      end: at("2026-11-26T00:00:00Z"),
    });
    expect(calendarPeriod("week", "UTC", now)).toEqual({
      start: at("2026-11-23T00:00:00Z"),
      end: at("2026-11-30T00:00:00Z"),
    });
    expect(calendarPeriod("month", "UTC", at("2026-12-31T23:59:59.999Z"))).toEqual({
      start: at("2026-12-01T00:00:00Z"),
      end: at("2027-01-01T00:00:00Z"),
    });
  });

  it("begin at the zone's own midnight", () => {
    expect(calendarPeriod("day", "Asia/Shanghai", at("2026-11-23T17:00:00Z"))).toEqual({
      start: at("2026-11-23T16:00:00Z"),
      end: at("2026-11-24T16:00:00Z"),
    });
  });

  it("are 23 and 25 hours long when clocks change", () => {
    const hours = (now: string): number => {
      const { start, end } = calendarPeriod("day", "Europe/Berlin", at(now));
      return (end - start) / 3_600_000;
    };
    expect(hours("2026-03-29T12:00:00Z")).toBe(23);
    expect(hours("2026-10-25T12:00:00Z")).toBe(25);
  });

  it("begin after the gap where there is no midnight", () => {
    const { start } = calendarPeriod("day", "America/Asuncion", at("2023-10-01T12:00:00Z"));
    expect(new Date(start).toISOString()).toBe("2023-10-01T04:00:00.000Z");
  });

  it("hold their time and follow one another without a gap", () => {
    const zones = fc.constantFrom("UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia");
    const per = fc.constantFrom("day" as const, "week" as const, "month" as const);
    fc.assert(
      fc.property(zones, per, fc.integer({ min: at("2015-01-01"), max: at("2035-01-01") }), (zone, length, now) => {
        const { start, end } = calendarPeriod(length, zone, now);
        expect(start <= now && now < end).toBe(true);
        expect(calendarPeriod(length, zone, end).start).toBe(end);
        expect(calendarPeriod(length, zone, start - 1).end).toBe(start);
      }),
      { numRuns: 60 },
    );
  });
});
