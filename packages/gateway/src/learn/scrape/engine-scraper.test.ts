import { createFakeClock } from "@flyball/fakes";
import { expect, it } from "vitest";
import { createEngineScraper } from "./engine-scraper.ts";

const ENGINE = { endpoint: "llm/0@1", url: "http://engine/metrics" };

function scene() {
  const clock = createFakeClock();
  const asked: number[] = [];
  const facts: [string, number][] = [];
  const failures: string[] = [];
  let isBusy = true;
  let answer: () => Promise<string> = () => Promise.resolve("vllm:num_requests_running 3");
  const scraper = createEngineScraper({
    clock,
    fetchPage() {
      asked.push(clock.monotonic());
      return answer();
    },
    isBusy: () => isBusy,
    onFacts: (endpoint, { running }) => void facts.push([endpoint, running]),
    onFailure: (_endpoint, failure) => void failures.push(failure),
  });
  const replies = (next: () => Promise<string>): void => {
    answer = next;
  };
  const work = (is: boolean): void => {
    isBusy = is;
  };
  return { clock, scraper, asked, facts, failures, replies, work };
}

it("asks every busy engine once a second and tells what it says", async () => {
  const { clock, scraper, asked, facts } = scene();
  scraper.follow([ENGINE]);
  await clock.advance(3_000);
  expect(asked).toEqual([1_000, 2_000, 3_000]);
  expect(facts).toEqual(Array.from({ length: 3 }, () => ["llm/0@1", 3]));
  expect([scraper.answering, scraper.size]).toEqual([1, 1]);
});

it("asks an idle engine until it has answered once, and a busy one once more when it is idle", async () => {
  const { clock, scraper, asked, work } = scene();
  work(false);
  scraper.follow([ENGINE]);
  await clock.advance(60_000);
  expect(asked).toEqual([1_000]);
  work(true);
  await clock.advance(2_000);
  work(false);
  await clock.advance(60_000);
  expect(asked).toEqual([1_000, 61_000, 62_000, 63_000]);
});

it("goes on asking a busy engine that has answered before, and tells why it does not", async () => {
  const { clock, scraper, asked, failures, replies } = scene();
  scraper.follow([ENGINE]);
  await clock.advance(1_000);
  replies(() => Promise.reject(new Error("status 500")));
  await clock.advance(3_000);
  replies(() => Promise.resolve("<html>"));
  await clock.advance(1_000);
  expect(asked).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
  expect(failures).toEqual(["status 500", "status 500", "status 500", "its page is none of an engine"]);
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
