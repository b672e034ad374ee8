import { createFakeClock } from "@flyball/fakes";
import { expect, it } from "vitest";
import { createLessonBudget, LESSONS_A_SECOND } from "./lesson-budget.ts";

it("learns from every answer while few come, and from so many a second, evenly, when more come", async () => {
  const clock = createFakeClock();
  const mayLearn = createLessonBudget(clock);
  const learnedOf = (answers: number): number =>
    Array.from({ length: answers }, () => mayLearn()).filter(Boolean).length;
  expect(learnedOf(LESSONS_A_SECOND)).toBe(LESSONS_A_SECOND);
  expect(learnedOf(1_000)).toBe(0);
  for (let tenth = 0; tenth < 20; tenth += 1) {
    await clock.advance(100);
    expect(learnedOf(1_000)).toBe(LESSONS_A_SECOND / 10);
  }
  await clock.advance(3_600_000);
  expect(learnedOf(1_000)).toBe(LESSONS_A_SECOND);
});
