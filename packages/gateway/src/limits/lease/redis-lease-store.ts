// The store of leases on anything that speaks the Redis protocol: two scripts, one channel, no other state. The client is loaded only
// when a manifest names a store. A connection that is lost is not mended here: the keeper opens another one.
import { createHash } from "node:crypto";
import type { createClient } from "@redis/client";
import type { LeaseGrant } from "@flyball/traffic";
import {
  LEASE_TTL_MS,
  SETTLE_MS,
  type ConnectLeaseStore,
  type LeaseConnection,
  type LeaseListener,
  type Report,
  type ReportAnswer,
} from "./lease-store.ts";
import { BEAT_SCRIPT, REPORT_SCRIPT } from "./lease-script.ts";

/** Where it is. */
export interface RedisLeaseStoreOptions {
  readonly url: string;
  readonly password: string | undefined;
  /** Limits of different apps never meet. */
  readonly app: string;
}

type RedisClient = ReturnType<typeof createClient>;

const CONNECT_LIMIT_MS = 2_000;
/** Commands that wait for an answer; the keeper has two at most, so more is a defect. */
const MAX_COMMANDS = 64;

/** How to connect to it. */
export function redisLeaseStore({ url, password, app }: RedisLeaseStoreOptions): ConnectLeaseStore {
  const prefix = `flyball:{${app}}`;
  return async (listener) => {
    const client = await import("@redis/client");
    const settings = {
      url,
      ...(password === undefined ? {} : { password }),
      socket: { reconnectStrategy: false as const, connectTimeout: CONNECT_LIMIT_MS },
      disableOfflineQueue: true,
      commandsQueueMaxLength: MAX_COMMANDS,
    };
    const clients = [client.createClient(settings), client.createClient(settings)] as unknown as [
      RedisClient,
      RedisClient,
    ];
    const [commands] = clients;
    const connection = { isEnded: false };
    const destroy = (): void => {
      connection.isEnded = true;
      for (const client of clients) if (client.isOpen) client.destroy();
    };
    const onLost = (): void => {
      if (connection.isEnded) return;
      destroy();
      listener.onLost();
    };
    for (const client of clients) client.on("error", onLost).on("end", onLost);
    try {
      await withinLimit(openBoth(clients, `${prefix}:recall`, listener));
    } catch (error) {
      destroy();
      throw error;
    }
    return createConnection(commands, prefix, destroy);
  };
}

async function openBoth(
  [commands, subscriber]: readonly [RedisClient, RedisClient],
  channel: string,
  listener: LeaseListener,
): Promise<void> {
  await Promise.all([commands.connect(), subscriber.connect()]);
  await subscriber.subscribe(channel, (text) => listener.onRecall(text.split("\n")));
  await Promise.all([BEAT, REPORT].map(({ text }) => commands.sendCommand(["SCRIPT", "LOAD", text])));
}

/** A store that takes a connection and says nothing is as good as none. */
async function withinLimit(opening: Promise<void>): Promise<void> {
  opening.catch(() => undefined);
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => late.reject(new Error("the store takes connections but does not answer")),
    CONNECT_LIMIT_MS,
  );
  timer.unref();
  await Promise.race([opening, late.promise]).finally(() => clearTimeout(timer));
}

function createConnection(client: RedisClient, prefix: string, destroy: () => void): LeaseConnection {
  const shared = [`${prefix}:gateways`, `${prefix}:epoch`];
  const run = (script: Script, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> =>
    runScript(client, script, [String(keys.length), ...keys, ...values.map(String)]);
  return {
    destroy,
    async beat({ gateway, epoch, newEpoch, sequence }) {
      const keys = [...shared, `${prefix}:sequence:${gateway}`];
      const answer = await run(BEAT, keys, [gateway, epoch, newEpoch, LEASE_TTL_MS, sequence, SETTLE_MS]);
      const [current, gateways, settlingMs, wasAlive] = answer as [string, number, number, number];
      return { epoch: current, gateways, settlingMs, wasAlive: wasAlive === 1 };
    },
    async report(report) {
      const names = report.limits.map(({ name }) => `${prefix}:limit:${name}`);
      const keys = [...shared, `${prefix}:sequence:${report.gateway}`, ...names];
      return readAnswer((await run(REPORT, keys, reportValues(report))) as number[]);
    },
    async recall(gateway, names) {
      await client.sendCommand(["PUBLISH", `${prefix}:recall`, [gateway, ...names].join("\n")]);
    },
    async leave(gateway) {
      await client.sendCommand(["ZREM", shared[0] as string, gateway]);
    },
  };
}

function reportValues({ gateway, epoch, sequence, limits }: Report): (string | number)[] {
  const values: (string | number)[] = [gateway, epoch, LEASE_TTL_MS, sequence];
  for (const { lease, forgetAfterMs } of limits) {
    values.push(lease.kind, lease.limit, lease.held, lease.wanted, Math.ceil(forgetAfterMs));
    if (lease.kind === "rate") {
      values.push(lease.stepMs, lease.givenBack, lease.used.length);
      for (const { ageMs, amount } of lease.used) values.push(ageMs, amount);
    } else if (lease.kind === "budget") {
      values.push(lease.spent, lease.spentBefore, lease.origin, lease.knownSpent);
    }
  }
  return values;
}

function readAnswer([code, ...numbers]: readonly number[]): ReportAnswer {
  if (code !== 0) return { kind: "rejoin" };
  const grants: LeaseGrant[] = [];
  for (let at = 0; at + 2 < numbers.length; at += 3) {
    const [granted = 0, othersHold = 0, retryMs = 0] = numbers.slice(at, at + 3).map(Number);
    grants.push({ granted, othersHold, retryMs });
  }
  return { kind: "granted", grants };
}

interface Script {
  readonly text: string;
  readonly hash: string;
}

const BEAT = scriptOf(BEAT_SCRIPT);
const REPORT = scriptOf(REPORT_SCRIPT);

function scriptOf(text: string): Script {
  return { text, hash: createHash("sha1").update(text).digest("hex") };
}

/** By its hash; with its text when the store does not know it yet or any more. */
async function runScript(client: RedisClient, { text, hash }: Script, rest: readonly string[]): Promise<unknown> {
  try {
    return await client.sendCommand(["EVALSHA", hash, ...rest]);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return client.sendCommand(["EVAL", text, ...rest]);
  }
}
