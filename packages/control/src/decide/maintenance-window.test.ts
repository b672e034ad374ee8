import type { MaintenanceWindow } from "@flyball/core";
import { expect, it } from "vitest";
import { endOfWindow } from "./maintenance-window.ts";

const at = (text: string): number => Date.parse(text);
const night: MaintenanceWindow = { days: ["mon"], fromMinute: 22 * 60 + 30, toMinute: 4 * 60 };

it.each([
  // 2026-11-23 is a Monday.
  ["2026-11-23T22:29:59Z", undefined],
  ["2026-11-23T22:30:00Z", "2026-11-24T04:00:00Z"],
  ["2026-11-24T03:59:59Z", "2026-11-24T04:00:00Z"],
  ["2026-11-24T04:00:00Z", undefined],
  ["2026-11-23T03:00:00Z", undefined],
  ["2026-11-24T22:31:00Z", undefined],
])("a window of Monday night at %s ends at %s", (now, end) => {
  expect(endOfWindow([night], at(now), "UTC")).toBe(end === undefined ? undefined : at(end));
});

it("is in the time zone of the app, and without days it is every day", () => {
  const noon: MaintenanceWindow = { fromMinute: 12 * 60, toMinute: 13 * 60 };
  expect(endOfWindow([noon], at("2026-11-25T04:30:00Z"), "Asia/Shanghai")).toBe(at("2026-11-25T05:00:00Z"));
  expect(endOfWindow([noon], at("2026-11-25T12:30:00Z"), "Asia/Shanghai")).toBeUndefined();
});

it("of several windows that are on, the longest counts", () => {
  const wide: MaintenanceWindow = { fromMinute: 0, toMinute: 23 * 60 };
  expect(endOfWindow([night, wide], at("2026-11-23T22:45:00Z"), "UTC")).toBe(at("2026-11-24T04:00:00Z"));
});
