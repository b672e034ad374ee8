import { expect, it } from "vitest";
import { createUsualWork } from "./usual-work.ts";

it("counts work in usual requests: one of twice the usual work is two of them", () => {
  const usual = createUsualWork();
  for (let each = 0; each < 500; each += 1) usual.add(100);
  expect(usual.countOf(200, 1)).toBeCloseTo(2);
  expect(usual.countOf(50, 1)).toBeCloseTo(0.5);
});

it("counts requests as they are while no work is known", () => {
  const usual = createUsualWork();
  expect(usual.countOf(700, 3)).toBe(3);
  usual.add(0);
  usual.add(Number.NaN);
  expect(usual.countOf(0, 3)).toBe(3);
});

it("follows a workload whose requests become heavier", () => {
  const usual = createUsualWork();
  for (let each = 0; each < 500; each += 1) usual.add(100);
  for (let each = 0; each < 2_000; each += 1) usual.add(400);
  expect(usual.countOf(400, 1)).toBeCloseTo(1, 1);
});
