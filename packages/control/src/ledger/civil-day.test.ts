import { expect, it } from "vitest";
import { createCivilDay } from "./civil-day.ts";

it("knows the day of a moment in each zone, whichever was asked for before", () => {
  const civilDay = createCivilDay();
  const evening = Date.parse("2026-11-23T16:00:00Z");
  const asked = [
    civilDay(evening - 1, "Asia/Shanghai"),
    civilDay(evening, "Asia/Shanghai"),
    civilDay(evening, "UTC"),
    civilDay(evening, "Asia/Kathmandu"),
    civilDay(evening + 2.25 * 3_600_000, "Asia/Kathmandu"),
    civilDay(evening, "Asia/Shanghai"),
  ];
  expect(asked).toEqual(["2026-11-23", "2026-11-24", "2026-11-23", "2026-11-23", "2026-11-24", "2026-11-24"]);
});
