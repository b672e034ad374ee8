// A gateway process before some fake providers, and the models that a test puts before them.
import type { Agent, ClientRequest } from "node:http";
import type { BackendSnapshot, BackendUse, ModelSnapshot } from "@flyball/core";
import { createFakeUpstream, type FakeUpstream, type RecordedRequest } from "@flyball/fakes";
import { createRig, type Rig } from "./gateway-process.ts";
import { endpoint, key, pool, snapshot, TIMEOUTS, type SnapshotParts } from "./snapshots.ts";
import { open, send, type Reply } from "./test-client.ts";

/** A model in few words: its backends, and what else is said of it. */
export type StagedModel = Partial<Omit<ModelSnapshot, "name" | "backends">> & {
  readonly backends: readonly BackendSnapshot[];
};

/** How a call differs from a plain one. */
export interface StagedCall {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly agent?: Agent;
}

/** The stage. */
export interface ModelStage {
  readonly rig: Rig;
  readonly upstreams: readonly FakeUpstream[];
  /** A provider at the upstream of this number; its id begins with `b0.` for the first. `basePath` stands for `/v1`. */
  provider(
    upstream: number,
    provider?: string,
    more?: BackendUse & { readonly model?: string; readonly basePath?: string },
  ): BackendSnapshot;
  /** The pool of the upstreams of these numbers, a new one for each `serve`. */
  poolId(upstreams: readonly number[]): string;
  /** It as a backend, whose id is `chat/` and that of the pool. */
  pool(upstreams: readonly number[], more?: BackendUse): BackendSnapshot;
  /** Starts the gateway, or publishes to the one that runs. Every endpoint is a new one. */
  serve(models: Readonly<Record<string, StagedModel>>, parts?: SnapshotParts): Promise<void>;
  ask(model: string, more?: object, call?: StagedCall): Promise<Reply>;
  /** The same call, whose end is the caller's. */
  open(model: string, more?: object, call?: StagedCall): ClientRequest;
  /** Requests that reached each upstream since the last `serve`. */
  counts(): readonly number[];
  /** What reached an upstream since the last `serve`. */
  asked(upstream: number): readonly (RecordedRequest & { readonly json: any })[];
  /** A number of the gateway's own metrics page: the sum of all lines that begin so. */
  metric(beginning: string): Promise<number>;
  dispose(): Promise<void>;
}

/** Makes it; nothing runs before `serve`. */
export async function createModelStage(
  count: number,
  options: { readonly workers?: number } = {},
): Promise<ModelStage> {
  const upstreams = await Promise.all(Array.from({ length: count }, () => createFakeUpstream()));
  const rig = await createRig({ listeners: ["models", "admin", "public"], secrets: { "@keys": "secret" }, ...options });
  let version = 0;
  let before = upstreams.map(() => 0);
  const at = (upstream: number): FakeUpstream => upstreams[upstream] as FakeUpstream;
  const poolId = (members: readonly number[]): string => `pool-${members.join("")}-v${version + 1}`;

  const callOf = (model: string, more: object, { path = "/v1/chat/completions", headers, body, agent }: StagedCall) => ({
    port: rig.port("models"),
    path,
    method: "POST",
    headers: { authorization: "Bearer fb-key", "content-type": "application/json", ...headers },
    body: body ?? JSON.stringify({ model, messages: [{ role: "user", content: "count" }], ...more }),
    ...(agent === undefined ? {} : { agent }),
  });
  const poolsOf = (models: readonly StagedModel[]): ReadonlyMap<string, readonly number[]> => {
    const named = models.flatMap(({ backends }) => backends.flatMap((each) => (each.kind === "pool" ? [each.pool] : [])));
    return new Map(named.map((id) => [id, [...(id.split("-")[1] ?? "")].map(Number)]));
  };
  return {
    rig,
    upstreams,
    provider(upstream, provider = "openai-compatible", { model = "real", basePath = "/v1", ...use } = {}) {
      // A new one for each `serve`, so that nothing is remembered of it.
      const baseUrl = `http://127.0.0.1:${at(upstream).address.port}${basePath}`;
      return { kind: "provider", id: `b${upstream}.${version + 1}`, provider, baseUrl, model, ...use };
    },
    poolId,
    pool: (members, use = {}) => ({
      kind: "pool",
      id: `chat/${poolId(members)}`,
      pool: poolId(members),
      model: "real",
      ...use,
    }),
    async serve(models, parts = {}) {
      version += 1;
      const served = snapshot(version, {
        listeners: ["models", "admin", "public"],
        pools: [...poolsOf(Object.values(models))].map(([id, members]) =>
          pool(
            id,
            members.map((upstream) => endpoint(`${id}/${upstream}@${version}`, at(upstream).address.port)),
          ),
        ),
        models: Object.entries(models).map(([name, model]) => ({ name, timeouts: TIMEOUTS, ...model })),
        keys: [key("fb-key", "secret", Object.keys(models))],
        ...parts,
      });
      if (version === 1) {
        rig.send(served);
        await rig.start().ready;
      } else {
        const applied = await rig.publish(served);
        if (applied !== "applied") throw new Error(applied);
      }
      before = upstreams.map(({ counts }) => counts.requests);
    },
    ask: (model, more = {}, call = {}) => send(callOf(model, more, call)),
    open(model, more = {}, call = {}) {
      const asked = callOf(model, more, call);
      const request = open(asked);
      request.end(asked.body);
      return request;
    },
    counts: () => upstreams.map(({ counts }, upstream) => counts.requests - (before[upstream] ?? 0)),
    asked: (upstream) =>
      at(upstream)
        .requests.filter(({ index }) => index >= (before[upstream] ?? 0))
        .map((request) => ({ ...request, json: jsonOf(request.body) })),
    async metric(beginning) {
      const { text } = await send({ port: rig.port("admin"), path: "/metrics" });
      const lines = text.split("\n").filter((line) => line.startsWith(beginning));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
    },
    async dispose() {
      await rig.dispose();
      await Promise.all(upstreams.map((upstream) => upstream.dispose()));
    },
  };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
