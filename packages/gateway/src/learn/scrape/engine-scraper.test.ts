import { createFakeClock } from "@flyball/fakes";
import { expect, it } from "vitest";
import { createEngineScraper } from "./engine-scraper.ts";

const ENGINE = { endpoint: "llm/0@1", url: "http://engine/metrics" };

function scene() {
  const clock = createFakeClock();
  const asked: number[] = [];
  const facts: [string, number][] = [];
  let answer: () => Promise<string> = () => Promise.resolve("vllm:num_requests_running 3");
  const scraper = createEngineScraper({
    clock,
    fetchPage() {
      asked.push(clock.monotonic());
      return answer();
    },
    onFacts: (endpoint, { running }) => void facts.push([endpoint, running]),
  });
  const replies = (next: () => Promise<string>): void => {
    answer = next;
  };
  return { clock, scraper, asked, facts, replies };
}

it("asks every engine once a second and tells what it says", async () => {
  const { clock, scraper, asked, facts } = scene();
  scraper.follow([ENGINE]);
  await clock.advance(3_000);
  expect(asked).toEqual([1_000, 2_000, 3_000]);
  expect(facts).toEqual(Array.from({ length: 3 }, () => ["llm/0@1", 3]));
  expect([scraper.answering, scraper.size]).toEqual([1, 1]);
});

it("asks an engine without metrics ever more seldom, a minute apart at most, and as before once it answers", async () => {
  const { clock, scraper, asked, replies } = scene();
  replies(() => Promise.reject(new Error("status 404")));
  scraper.follow([ENGINE]);
  await clock.advance(15_000);
  expect(asked).toEqual([1_000, 3_000, 7_000, 15_000]);
  await clock.advance(300_000);
  expect(Math.max(...asked.map((at, index) => at - (asked[index - 1] ?? at)))).toBe(60_000);
  replies(() => Promise.resolve("vllm:num_requests_running 3"));
  await clock.advance(60_000);
  asked.length = 0;
  await clock.advance(3_000);
  expect(asked).toHaveLength(3);
});

it("has one question open for each engine, and says nothing of one that is gone", async () => {
  const { clock, scraper, asked, facts, replies } = scene();
  const { promise, resolve } = Promise.withResolvers<string>();
  replies(() => promise);
  scraper.follow([ENGINE]);
  await clock.advance(5_000);
  expect(asked).toEqual([1_000]);
  scraper.follow([]);
  resolve("vllm:num_requests_running 3");
  await clock.settle();
  expect(facts).toEqual([]);
  scraper.stop();
  expect(clock.pendingTimers()).toBe(0);
});
