import { expect, it } from "vitest";
import { createLoadHistory } from "./load-history.ts";

const record = (at: number, offered: number) => ({
  at,
  offered,
  demand: offered,
  excess: 0,
  workMs: 0,
  backlog: 0,
  capacity: 1,
  serving: 1,
});

it("means over a window, and the highest of such means later", () => {
  const history = createLoadHistory(3_000);
  for (const [second, offered] of [9, 0, 0, 6, 6, 6, 0, 0].entries()) history.add(record(second * 1_000, offered));
  expect(history.meansSince(4_000)).toMatchObject({ offered: 2, records: 3 });
  expect(history.meansSince(7_000)).toBeUndefined();
  expect(history.meansSince(7_000, 4)).toMatchObject({ offered: 3, records: 4 });
  expect(history.peakSince(2_000)).toBe(6);
  expect(history.peakSince(6_000)).toBe(2);
});

it("knows whether it has looked all the time", () => {
  const history = createLoadHistory(1_000);
  expect(history.covers(0)).toBe(false);
  for (const at of [0, 1_000, 20_000, 21_000]) history.add(record(at, 1));
  expect(history.covers(1_000)).toBe(false);
  expect(history.covers(20_000)).toBe(true);
});

it("keeps an hour and no more", () => {
  const history = createLoadHistory(1_000);
  for (let second = 0; second < 8_000; second += 1) history.add(record(second * 1_000, second < 4_000 ? 9 : 1));
  expect(history.meansSince(-1)?.records).toBe(3_700);
  expect(history.peakSince(-1)).toBe(1);
});
