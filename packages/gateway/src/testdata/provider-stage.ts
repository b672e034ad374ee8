// A gateway process before one fake provider, with limits on whom a test likes, and what its ledger wrote down.
import type { ClientRequest } from "node:http";
import { vi } from "vitest";
import {
  NO_LIMITS,
  type BackendSnapshot,
  type BackendUse,
  type LedgerRecord,
  type LimitPolicy,
  type ModelPrice,
  type RateLimit,
} from "@flyball/core";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { createRig, type Rig } from "./gateway-process.ts";
import { settledRecords } from "./settled-records.ts";
import { key, snapshot, TIMEOUTS } from "./snapshots.ts";
import { open, send, type Reply } from "./test-client.ts";

/** What is served from now on: one model `chat` for the key `fb-key`. */
export interface Serving {
  readonly key?: Partial<LimitPolicy>;
  /** In order; one of `openai` unless given. `port` asks another upstream than the stage's own. */
  readonly backends?: readonly (BackendUse & {
    readonly provider: string;
    readonly model?: string;
    /** Limits are counted by it; `chat/<place>` unless given. */
    readonly id?: string;
    readonly port?: number;
  })[];
  readonly prices?: readonly ModelPrice[];
}

/** How a call differs from a plain one. */
export interface AskMore {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly raw?: Buffer;
}

/** The stage. */
export interface ProviderStage {
  readonly rig: Rig;
  readonly provider: FakeUpstream;
  /** Starts the gateway, or publishes to the one that runs. */
  serve(serving: Serving): Promise<void>;
  /** Ends the gateway as kill −9 does it and starts another one on the same sockets and journals. */
  killAndStart(): Promise<void>;
  ask(path: string, body: object, more?: AskMore): Promise<Reply>;
  /** The same call, whose end is the caller's. */
  open(path: string, body: object, more?: AskMore): ClientRequest;
  /** Of what reached the provider: path and body. */
  asked(): readonly { readonly path: string; readonly body: any; readonly text: string }[];
  /** Waits for as many records as there are to be, at least. */
  settled(count: number): Promise<readonly LedgerRecord[]>;
  dispose(): Promise<void>;
}

/** A rate for a minute. */
export function perMinute(unit: RateLimit["unit"], limit: number): Partial<LimitPolicy> {
  return { rates: [{ unit, limit, windowMs: 60_000 }] };
}

/** Micro-dollars for a day. */
export function dollarsPerDay(microUnits: number): Partial<LimitPolicy> {
  return { budgets: [{ currency: "usd", microUnits, per: "day" }] };
}

/** Policies are a budget, a rate, or both. */
export function policyOf(limits: Partial<LimitPolicy>): LimitPolicy {
  return { ...NO_LIMITS, ...limits };
}

/** Makes it; nothing runs before `serve`. */
export async function createProviderStage(workers = 1): Promise<ProviderStage> {
  const provider = await createFakeUpstream();
  const rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret" }, workers, spares: 2 });
  let version = 0;
  let lives = 0;

  const backendsOf = ({ backends = [{ provider: "openai" }] }: Serving): BackendSnapshot[] =>
    backends.map(({ provider: name, model = "gpt-4o-mini", id, port = provider.address.port, ...use }, ordinal) => ({
      kind: "provider",
      id: id ?? `chat/${ordinal}`,
      provider: name,
      baseUrl: `http://127.0.0.1:${port}/v1`,
      model,
      ...use,
    }));
  const callOf = (path: string, body: object, { headers, raw }: AskMore = {}) => ({
    port: rig.port("models"),
    path: `/v1${path}`,
    method: "POST",
    headers: { authorization: "Bearer fb-key", "content-type": "application/json", ...headers },
    body: raw ?? JSON.stringify({ model: "chat", ...body }),
  });
  const start = async (): Promise<void> => {
    lives += 1;
    await rig.start(lives).ready;
  };
  return {
    rig,
    provider,
    async serve(serving) {
      version += 1;
      const limits = serving.key && policyOf(serving.key);
      const served = snapshot(version, {
        listeners: ["models"],
        models: [{ name: "chat", backends: backendsOf(serving), timeouts: TIMEOUTS }],
        keys: [{ ...key("fb-key", "secret", ["chat"]), ...(limits ? { limits } : {}) }],
        ...(serving.prices ? { prices: serving.prices } : {}),
      });
      if (lives > 0) {
        await rig.publish(served);
        return;
      }
      rig.send(served);
      await start();
    },
    async killAndStart() {
      process.kill(rig.pid, "SIGKILL");
      await start();
    },
    ask: (path, body, more) => send(callOf(path, body, more)),
    open(path, body, more) {
      const call = callOf(path, body, more);
      const request = open(call);
      request.end(call.body);
      return request;
    },
    asked: () =>
      provider.requests.map(({ url, body }) => {
        const text = body.toString("latin1");
        return { path: url.replace(/^\/v1/, ""), text, body: text.startsWith("{") ? JSON.parse(body.toString()) : text };
      }),
    settled: (count) =>
      vi.waitFor(
        async () => {
          const records = await settledRecords(rig.journalFolder);
          if (records.length < count) throw new Error(`${records.length} of ${count} are settled`);
          return records;
        },
        { timeout: 5_000 },
      ),
    async dispose() {
      await rig.dispose();
      await provider.dispose();
    },
  };
}
