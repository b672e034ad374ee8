import { createFakeClock } from "@flyball/fakes";
import { expect, it } from "vitest";
import { createSampling } from "./answer-sample.ts";

it("keeps an answer until it is dropped, and nothing of one that is too long", () => {
  const take = createSampling(createFakeClock());
  const sample = take();
  sample?.add(Buffer.from("one "));
  sample?.add(Buffer.from("two"));
  expect(sample?.take()?.toString()).toBe("one two");
  sample?.drop();
  expect(sample?.take()).toBeUndefined();
  const long = take();
  for (let piece = 0; piece < 70; piece += 1) long?.add(Buffer.alloc(1_024));
  expect(long?.take()).toBeUndefined();
});

it("takes ten a second, and holds no more than sixty-four", async () => {
  const clock = createFakeClock();
  const take = createSampling(clock);
  const taken = [];
  for (let second = 0; second < 12; second += 1) {
    let inSecond = 0;
    for (let answer = 0; answer < 100; answer += 1) {
      const sample = take();
      if (sample !== undefined) inSecond += taken.push(sample) > 0 ? 1 : 0;
    }
    expect(inSecond).toBeLessThanOrEqual(10);
    await clock.advance(1_000);
  }
  expect(taken).toHaveLength(64);
  taken.pop()?.drop();
  await clock.advance(1_000);
  expect(take()).toBeDefined();
});
