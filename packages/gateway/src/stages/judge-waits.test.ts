import { breakerFailed } from "@flyball/traffic";
import { describe, expect, it } from "vitest";
import { enterBreaker } from "@flyball/traffic";
import { leaveList, lookAtWaits } from "../evidence/running-attempts.ts";
import { createWaitStage } from "../testdata/wait-stage.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import { judgeWaits } from "./judge-waits.ts";
import { place } from "./place.ts";

function stageOf(...ids: readonly string[]) {
  const stage = createWaitStage(...ids);
  const look = (): readonly string[] => {
    const now = stage.clock.monotonic();
    const waits = new Map(
      stage.pool.serving.map((each) => [each, lookAtWaits(each.running, now, each.breaker.era)] as const),
    );
    return judgeWaits(stage.context, stage.pool, waits).map(({ id }) => id);
  };
  return { ...stage, look };
}

const endpointsOf = (pool: Pool) => pool.serving as readonly [Endpoint, Endpoint, ...Endpoint[]];

describe("an endpoint at which a request waits for longer than is usual", () => {
  it("is suspected while a peer answers; the next request that may be sent again finds out, and then it is ejected", async () => {
    const { clock, context, pool, send, look, moved, exchange } = stageOf("a", "b");
    const [a, b] = endpointsOf(pool);
    send(a);
    await clock.advance(1_050);
    b.movedAt = clock.monotonic();
    expect(look()).toEqual([]);
    expect(a.breaker).toMatchObject({ phase: "ejected", cause: "stuck", isSuspected: true });
    await clock.advance(20);
    const unsafe = place(context, pool, undefined, exchange("POST"));
    expect(unsafe.kind === "placed" && unsafe.endpoint.id).toBe("b");
    const probe = place(context, pool, undefined, exchange("GET"));
    expect(probe.kind === "placed" && probe.endpoint.id).toBe("a");
    send(a);
    await clock.advance(500);
    b.movedAt = clock.monotonic();
    expect(look()).toEqual([]);
    await clock.advance(550);
    b.movedAt = clock.monotonic();
    expect(look()).toEqual(["a"]);
    expect(moved).toEqual(["a", "a"]);
    expect(a.breaker.isSuspected).toBe(false);
  });

  it("is tried again by a request that is not kept waiting for all that is usual", async () => {
    const { clock, pool, send, look, moved } = stageOf("a", "b");
    const [a, b] = endpointsOf(pool);
    send(a);
    await clock.advance(1_050);
    b.movedAt = clock.monotonic();
    look();
    a.breaker.isSuspected = false;
    await clock.advance(3_000);
    enterBreaker(a.breaker, clock.monotonic(), 10_000);
    moved.length = 0;
    send(a);
    await clock.advance(150);
    expect(look()).toEqual([]);
    await clock.advance(100);
    expect(look()).toEqual(["a"]);
    expect(moved).toContain("a");
  });

  it("is left in peace while it answers others, while no peer answers, and where it is alone", async () => {
    const { clock, pool, send, look } = stageOf("a", "b");
    const [a, b] = endpointsOf(pool);
    send(a);
    await clock.advance(3_000);
    a.movedAt = clock.monotonic() - 100;
    b.movedAt = clock.monotonic();
    look();
    expect(a.breaker.phase).toBe("closed");
    await clock.advance(3_000);
    look();
    expect(a.breaker.phase).toBe("closed");
    const alone = stageOf("only");
    alone.send(alone.pool.serving[0] as Endpoint);
    await alone.clock.advance(60_000);
    alone.look();
    expect(alone.pool.serving[0]?.breaker.phase).toBe("closed");
  });

  it("and to which no connection can be made, has what waits there sent elsewhere, without a suspicion", async () => {
    const { clock, context, pool, send, look, moved } = stageOf("a", "b");
    const [a, b] = endpointsOf(pool);
    send(a);
    await clock.advance(500);
    const scene = { now: clock.monotonic(), random: context.random, pool: [a.breaker, b.breaker] };
    breakerFailed(a.breaker, a.breaker.era, "refused", scene);
    look();
    expect(moved).toEqual([]);
    await clock.advance(550);
    b.movedAt = clock.monotonic();
    expect(look()).toEqual([]);
    expect(moved).toEqual(["a"]);
    expect(a.breaker).toMatchObject({ cause: "refused", isSuspected: false });
  });

  it("is probed by any request in the end, for nothing else may come", async () => {
    const { clock, context, pool, send, look, exchange } = stageOf("a", "b");
    const [a, b] = endpointsOf(pool);
    leaveList(a.running, send(a));
    send(a);
    await clock.advance(1_050);
    b.movedAt = clock.monotonic();
    look();
    await clock.advance(31_000);
    const late = place(context, pool, undefined, exchange("POST"));
    expect(late.kind === "placed" && late.endpoint.id).toBe("a");
  });
});
