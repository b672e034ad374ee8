// A gateway process between clients of every dialect and two fake upstreams, each of which speaks every dialect by the path of a request.
// Endpoints are new with each `fresh`, so no breaker and no rest of an earlier test stands in the way.
import type { ClientRequest } from "node:http";
import { expect } from "vitest";
import type { EndpointSnapshot, ModelSnapshot, TimeoutsSpec } from "@flyball/core";
import { createFakeUpstream, DEFAULT_MODEL, type FakeUpstream, type ModelBehaviour } from "@flyball/fakes";
import { createRig, type GatewayProcess, type Rig } from "../../../testdata/gateway-process.ts";
import { endpoint, key, pool, snapshot, TIMEOUTS } from "../../../testdata/snapshots.ts";
import { open, send, type Reply } from "../../../testdata/test-client.ts";
import { CLIENT_KEY, type DialectPair } from "./client-faces.ts";

/** What models say on the stage: the first upstream counts up, the second one says other words, so that an answer tells where it is from. */
export const FIRST_SCRIPT: ModelBehaviour = {
  ...DEFAULT_MODEL,
  parts: [{ kind: "text", pieces: Array.from({ length: 60 }, (_, index) => ` ${index}`) }],
  usage: { input: 7, cached: 0, output: 60, reasoning: 0 },
};
export const FIRST_TEXT: string = textOf(FIRST_SCRIPT);
const SECOND_SCRIPT: ModelBehaviour = {
  ...DEFAULT_MODEL,
  parts: [{ kind: "text", pieces: ["the", " other", " one"] }],
};
export const SECOND_TEXT: string = textOf(SECOND_SCRIPT);

function textOf({ parts }: ModelBehaviour): string {
  return parts.flatMap(({ pieces }) => pieces).join("");
}

/** What `fresh` changes. */
export interface FreshOptions {
  readonly timeouts?: Partial<TimeoutsSpec>;
  readonly firstTokenMs?: number;
  /** Endpoints of the first pool; its upstream alone unless given. */
  readonly firstPorts?: readonly number[];
}

/** How a call is made. */
export interface AskOptions {
  /** true unless given. */
  readonly isStream?: boolean;
  /** Only the first upstream serves it. */
  readonly isAlone?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The stage. */
export interface DialectStage {
  readonly rig: Rig;
  readonly gateway: GatewayProcess;
  readonly first: FakeUpstream;
  readonly second: FakeUpstream;
  /** Upstreams as at the start, endpoints without a past. */
  fresh(options?: FreshOptions): Promise<void>;
  ask(pair: DialectPair, options?: AskOptions): Promise<Reply>;
  /** The same call, whose end is the caller's. */
  open(pair: DialectPair, options?: AskOptions): ClientRequest;
  /** Over all endpoints and workers. */
  inFlight(): Promise<number>;
  dispose(): Promise<void>;
}

const BACKENDS: readonly DialectPair["backend"][] = ["openai-compatible", "openai", "anthropic"];
const LISTENERS = ["models", "admin"] as const;

/** Starts it. */
export async function createDialectStage({ workers = 1 }: { readonly workers?: number } = {}): Promise<DialectStage> {
  const first = await createFakeUpstream({ behaviour: { model: FIRST_SCRIPT } });
  const second = await createFakeUpstream({ behaviour: { model: SECOND_SCRIPT } });
  const rig = await createRig({ listeners: LISTENERS, workers, secrets: { "@keys": "secret" } });
  let version = 0;

  function snapshotOf({ timeouts, firstTokenMs, firstPorts = [first.address.port] }: FreshOptions) {
    version += 1;
    const limits = { ...TIMEOUTS, ...timeouts };
    const models = BACKENDS.flatMap((traits): ModelSnapshot[] => {
      const backends = ["first", "second"].map(
        (id) => ({ kind: "pool", id: `${traits}/${id}`, pool: id, model: "fake-model", traits }) as const,
      );
      const rest = { timeouts: limits, ...(firstTokenMs === undefined ? {} : { firstTokenMs }) };
      return [
        { name: traits, backends, ...rest },
        { name: `${traits}-alone`, backends: backends.slice(0, 1), ...rest },
      ];
    });
    const at = (id: string, port: number): EndpointSnapshot => endpoint(`${id}@${version}`, port);
    return snapshot(version, {
      listeners: LISTENERS,
      pools: [
        pool("first", firstPorts.map((port, ordinal) => at(`first/${ordinal}`, port))),
        pool("second", [at("second/0", second.address.port)]),
      ],
      models,
      keys: [key(CLIENT_KEY, "secret", models.map(({ name }) => name))],
    });
  }

  function callOf({ face, backend }: DialectPair, options: AskOptions) {
    const { isStream = true, isAlone = false, headers = {} } = options;
    return {
      port: rig.port("models"),
      path: face.path,
      method: "POST",
      headers: { ...face.headers, ...headers },
      body: JSON.stringify(face.body(isAlone ? `${backend}-alone` : backend, isStream)),
    };
  }

  rig.send(snapshotOf({}));
  const gateway = rig.start();
  await gateway.ready;
  return {
    rig,
    gateway,
    first,
    second,
    async fresh(options = {}) {
      first.reset();
      second.reset();
      expect(await rig.publish(snapshotOf(options))).toBe("applied");
    },
    ask: (pair, options = {}) => send(callOf(pair, options)),
    open(pair, options = {}) {
      const call = callOf(pair, options);
      const request = open(call);
      request.end(call.body);
      return request;
    },
    async inFlight() {
      const { pools } = (await send({ port: rig.port("admin"), path: "/endpoints" })).json();
      return pools
        .flatMap(({ endpoints }: { endpoints: { inFlight: number }[] }) => endpoints)
        .reduce((sum: number, { inFlight }: { inFlight: number }) => sum + inFlight, 0);
    },
    async dispose() {
      await rig.dispose();
      await Promise.all([first.dispose(), second.dispose()]);
    },
  };
}
