// What every attack is tried on: a real gateway process with an open route, a route for known keys and the model API, before an upstream
// that records what reaches it.
import type { Snapshot } from "@flyball/core";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { createRig, type GatewayProcess, type Rig, type RigOptions } from "../../../testdata/gateway-process.ts";
import { endpoint, key, model, pool, route, snapshot, type SnapshotParts } from "../../../testdata/snapshots.ts";

/** A gateway under attack. */
export interface AttackRig {
  readonly rig: Rig;
  readonly gateway: GatewayProcess;
  readonly upstream: FakeUpstream;
  readonly port: number;
  /** Requests that reached the upstream since the last call. */
  arrived(): FakeUpstream["requests"];
  dispose(): Promise<void>;
}

/** A key that opens everything here. */
export const KEY = "fb-attack-key";
/** The secret that keys are hashed with. */
export const KEY_SECRET_VALUE = "canary-key-secret";

/** Routes: `/` open, `/admin` for known keys, `/v1` the model API. */
export function attackSnapshot(version: number, upstreamPort: number, more: SnapshotParts = {}): Snapshot {
  return snapshot(version, {
    pools: [pool("web", [endpoint("web/0@1", upstreamPort)])],
    routes: [
      route("open", "web"),
      route("admin", "web", { match: { pathPrefix: "/admin" }, requiresKey: true }),
      route("models", "", {
        match: { pathPrefix: "/v1" },
        destination: { kind: "models", models: ["chat"], requiresKey: true },
      }),
    ],
    models: [model("chat", ["web"])],
    keys: [key(KEY, KEY_SECRET_VALUE, ["chat"])],
    ...more,
  });
}

/** Starts it. */
export async function startAttackRig(
  options: RigOptions & { readonly parts?: SnapshotParts } = {},
): Promise<AttackRig> {
  const upstream = await createFakeUpstream();
  const rig = await createRig({ secrets: { "@keys": KEY_SECRET_VALUE }, ...options });
  rig.send(attackSnapshot(1, upstream.address.port, options.parts));
  const gateway = rig.start();
  await gateway.ready;
  let seen = 0;
  return {
    rig,
    gateway,
    upstream,
    port: rig.port("public"),
    arrived() {
      const news = upstream.requests.filter(({ index }) => index >= seen);
      seen = upstream.counts.requests;
      return news;
    },
    async dispose() {
      await rig.dispose();
      await upstream.dispose();
    },
  };
}
