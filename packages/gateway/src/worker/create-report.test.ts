import { ejectBreaker } from "@flyball/traffic";
import { expect, it } from "vitest";
import { leaveList } from "../evidence/running-attempts.ts";
import { createWaitStage } from "../testdata/wait-stage.ts";
import { createReport } from "./create-report.ts";
import type { Endpoint } from "./endpoint.ts";
import type { FromWorker } from "./worker-messages.ts";

function stageOf(...ids: readonly string[]) {
  const stage = createWaitStage(...ids);
  const sent: FromWorker[] = [];
  const report = createReport(stage.context, stage.registry, (message) => void sent.push(message));
  /** What the next report, a tenth of a second later, says of endpoints; undefined: there is none. */
  const next = async (afterMs = 100) => {
    await stage.clock.advance(afterMs);
    sent.length = 0;
    report();
    const said = sent.find((message) => message.type === "evidence");
    return said?.type === "evidence"
      ? said.endpoints.map(({ endpoint, standing }) => ({ endpoint, ...standing }))
      : undefined;
  };
  return { ...stage, next };
}

it("says what is in flight while nothing ends, once more when nothing is, and then nothing", async () => {
  const { pool, send, next } = stageOf("a", "b");
  const [a] = pool.serving as [Endpoint];
  expect(await next()).toBeUndefined();
  const attempt = send(a);
  expect(await next()).toMatchObject([{ endpoint: "a", count: 1, oldestWaitMs: 100, stuck: 0 }]);
  for (let look = 0; look < 10; look += 1) await next();
  expect(await next()).toMatchObject([{ endpoint: "a", count: 1, oldestWaitMs: 1_200, stuck: 1 }]);
  leaveList(a.running, attempt);
  expect(await next()).toMatchObject([{ endpoint: "a", count: 0, oldestWaitMs: 0, stuck: 0 }]);
  expect(await next()).toBeUndefined();
});

it("does not judge when it is late itself", async () => {
  const { clock, pool, send, next } = stageOf("a", "b");
  const [a, b] = pool.serving as [Endpoint, Endpoint];
  send(a);
  await clock.advance(5_000);
  b.movedAt = clock.monotonic();
  const [said] = (await next()) ?? [];
  expect(said).toMatchObject({ stuck: undefined, stuckStreams: undefined, oldestWaitMs: 5_100 });
  expect(a.breaker.phase).toBe("closed");
  b.movedAt = clock.monotonic();
  expect(await next()).toMatchObject([{ stuck: 1 }]);
  expect(a.breaker.isSuspected).toBe(true);
});

it("says since when an endpoint is ejected, the same in every report, and that it is no more when it is gone", async () => {
  const { clock, pool, send, next, serve } = stageOf("a", "b");
  const [a] = pool.serving as [Endpoint];
  const scene = { now: clock.monotonic(), random: () => 0, pool: pool.serving.map(({ breaker }) => breaker) };
  const since = clock.now();
  ejectBreaker(a.breaker, "slow", scene);
  expect(await next()).toMatchObject([{ endpoint: "a", ejected: { since, reason: "slow" } }]);
  clock.shiftWallTime(7);
  const attempt = send(a);
  expect(await next()).toMatchObject([{ ejected: { since, reason: "slow" } }]);
  leaveList(a.running, attempt);
  await next();
  serve("b");
  expect(await next()).toMatchObject([{ endpoint: "a", ejected: undefined }]);
  expect(await next()).toBeUndefined();
});
