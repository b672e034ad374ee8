import { createClient } from "@redis/client";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLeaseBook, leaseFromBook, type CounterLease } from "@flyball/traffic";
import type { LeaseConnection, LeaseListener } from "./lease-store.ts";
import { redisLeaseStore } from "./redis-lease-store.ts";
import { HAS_REDIS, REDIS_HINT, startRedis, type RedisServer } from "./testdata/redis-server.ts";

const QUIET: LeaseListener = { onRecall: () => undefined, onLost: () => undefined };

describe.skipIf(!HAS_REDIS)(`the store of leases on Redis${REDIS_HINT}`, () => {
  let redis: RedisServer;
  let app = 0;
  const opened: LeaseConnection[] = [];
  const connect = async (name: string, listener = QUIET, password?: string): Promise<LeaseConnection> => {
    const connection = await redisLeaseStore({ url: redis.url, password, app: name })(listener);
    opened.push(connection);
    return connection;
  };
  const newApp = (): string => `app${(app += 1)}`;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    for (const connection of opened) connection.destroy();
    await redis.dispose();
  });

  it("answers as the arithmetic of the book does, on any history", async () => {
    const connection = await connect(newApp());
    const beat = { epoch: "", newEpoch: "e", sequence: 1 };
    const { epoch } = await connection.beat({ ...beat, gateway: "a" });
    await connection.beat({ ...beat, gateway: "b" });
    let sequence = 1;
    let limitNumber = 0;
    const amount = fc.nat(40);
    const step = fc.record({
      gateway: fc.constantFrom("a", "b"),
      used: amount,
      held: amount,
      wanted: amount,
      back: fc.nat(9),
    });
    const kind = fc.constantFrom("rate" as const, "concurrency" as const, "budget" as const);
    await fc.assert(
      fc.asyncProperty(kind, fc.array(step, { minLength: 1, maxLength: 12 }), async (of, steps) => {
        const book = createLeaseBook();
        const name = `limit ${(limitNumber += 1)}`;
        for (const { gateway, used, held, wanted, back } of steps) {
          const lease = leaseOf(of, { used, held, wanted, back, gateway });
          sequence += 1;
          const answer = await connection.report({
            gateway,
            epoch,
            sequence,
            limits: [{ name, forgetAfterMs: 60_000, lease }],
          });
          const expected = leaseFromBook(book, lease, { gateway, now: Date.now(), endedAt: () => undefined });
          if (answer.kind !== "granted") throw new Error(answer.kind);
          const [grant] = answer.grants;
          expect({ granted: grant?.granted, othersHold: grant?.othersHold }).toEqual({
            granted: expected.granted,
            othersHold: expected.othersHold,
          });
          expect(Math.abs((grant?.retryMs ?? 0) - expected.retryMs)).toBeLessThan(5_000);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("takes what a gateway held for used when its lease has ended", async () => {
    const name = newApp();
    const connection = await connect(name);
    const client = createClient({ url: redis.url });
    await client.connect();
    const beat = { epoch: "", newEpoch: "e", sequence: 1 };
    const { epoch } = await connection.beat({ ...beat, gateway: "dead" });
    const ask = async (gateway: string, sequence: number, lease: CounterLease): Promise<number | undefined> => {
      const limits = [{ name: lease.kind, forgetAfterMs: 60_000, lease }];
      const answer = await connection.report({ gateway, epoch, sequence, limits });
      return answer.kind === "granted" ? answer.grants[0]?.granted : undefined;
    };
    const any = { gateway: "live", used: 0, held: 0, back: 0 };
    for (const [index, kind] of (["rate", "budget", "concurrency"] as const).entries()) {
      expect(await ask("dead", index + 2, leaseOf(kind, { ...any, gateway: "dead", wanted: 70 }))).toBe(70);
    }
    await client.sendCommand(["ZADD", `flyball:{${name}}:gateways`, String(Date.now() - 10_001), "dead"]);
    await connection.beat({ ...beat, gateway: "live" });
    expect(await ask("live", 2, leaseOf("rate", { ...any, wanted: 100 }))).toBe(30);
    expect(await ask("live", 3, leaseOf("budget", { ...any, wanted: 100 }))).toBe(30);
    expect(await ask("live", 4, leaseOf("concurrency", { ...any, wanted: 100 }))).toBe(100);
    // The dead one is told to begin again before it may use or report anything.
    expect(await ask("dead", 9, leaseOf("rate", { ...any, gateway: "dead", wanted: 1 }))).toBeUndefined();
    client.destroy();
  });

  it("refuses a report that comes late and one of another memory, and lends nothing until all have told what they used", async () => {
    const connection = await connect(newApp());
    const { epoch } = await connection.beat({ gateway: "a", epoch: "", newEpoch: "first", sequence: 5 });
    const limits = [
      {
        name: "k",
        forgetAfterMs: 60_000,
        lease: leaseOf("rate", { gateway: "a", used: 0, held: 0, wanted: 5, back: 0 }),
      },
    ];
    const report = { gateway: "a", epoch, sequence: 6, limits };
    expect(await connection.report(report)).toMatchObject({ kind: "granted" });
    expect(await connection.report(report)).toEqual({ kind: "rejoin" });
    expect(await connection.report({ ...report, sequence: 7, epoch: "other" })).toEqual({ kind: "rejoin" });
    const other = await connection.beat({ gateway: "b", epoch: "lost", newEpoch: "x", sequence: 1 });
    expect(other.epoch).toBe("first");
    expect(other.settlingMs).toBeGreaterThan(0);
    expect(await connection.report({ ...report, sequence: 8 })).toMatchObject({ grants: [{ granted: 0 }] });
  });

  it("carries a recall to other gateways, counts them, and needs its password", async () => {
    const name = newApp();
    const heard = Promise.withResolvers<readonly string[]>();
    const first = await connect(name, { ...QUIET, onRecall: heard.resolve });
    const second = await connect(name);
    for (const [index, connection] of [first, second].entries()) {
      const { gateways } = await connection.beat({ gateway: `g${index}`, epoch: "", newEpoch: "e", sequence: 1 });
      expect(gateways).toBe(index + 1);
    }
    await second.recall("g1", ["key:k requests/60000"]);
    expect(await heard.promise).toEqual(["g1", "key:k requests/60000"]);
    await second.leave("g1");
    expect((await first.beat({ gateway: "g0", epoch: "e", newEpoch: "e", sequence: 2 })).gateways).toBe(1);
    const locked = await startRedis(["--requirepass", "pass word"]);
    try {
      const open = (password?: string) => redisLeaseStore({ url: locked.url, password, app: "a" })(QUIET);
      await expect(open()).rejects.toThrow();
      (await open("pass word")).destroy();
    } finally {
      await locked.dispose();
    }
  });
});

function leaseOf(
  kind: CounterLease["kind"],
  from: { gateway: string; used: number; held: number; wanted: number; back: number },
): CounterLease {
  const { gateway, used, held, wanted, back } = from;
  const any = { limit: 100, held, wanted };
  if (kind === "concurrency") return { ...any, kind };
  if (kind === "budget") return { ...any, kind, spent: used, spentBefore: back, origin: gateway, knownSpent: 0 };
  const uses = used === 0 ? [] : [{ ageMs: 0, amount: used }];
  return { ...any, kind, stepMs: 3_600_000, used: uses, givenBack: back };
}
