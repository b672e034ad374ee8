// A fake upstream that speaks every dialect, and a gateway before it with one model per kind of backend. A client asks the upstream
// directly or a model of the gateway.
import { expect } from "vitest";
import type { BackendSnapshot, ModelSnapshot, Snapshot } from "@flyball/core";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { createRig, type Rig } from "../../../testdata/gateway-process.ts";
import { key, model, snapshot } from "../../../testdata/snapshots.ts";
import { anthropicMessages } from "./anthropic-oracle.ts";
import { AI_SDK_ORACLES } from "./ai-sdk-oracles.ts";
import { LANGCHAIN_ORACLES } from "./langchain-oracles.ts";
import { openAiChat, openAiResponses } from "./openai-oracles.ts";
import type { Oracle, Target } from "./oracle.ts";

/** Every client. */
export const ORACLES: readonly Oracle[] = [
  openAiChat,
  openAiResponses,
  anthropicMessages,
  ...AI_SDK_ORACLES,
  ...LANGCHAIN_ORACLES,
];

/** A kind of backend: a row of the table of provider traits. */
type BackendKind = "openai-compatible" | "openai" | "anthropic" | "vllm";

/** The backend that speaks the client's own dialect, and those that a call is translated for. */
export const BACKENDS: Readonly<
  Record<Oracle["face"], { readonly same: BackendKind; readonly translated: readonly BackendKind[] }>
> = {
  chat: { same: "openai-compatible", translated: ["anthropic"] },
  responses: { same: "openai", translated: ["openai-compatible", "anthropic"] },
  messages: { same: "anthropic", translated: ["vllm"] },
};

/** The stage. */
export interface OracleStage {
  readonly rig: Rig;
  readonly upstream: FakeUpstream;
  readonly direct: Target;
  through(backend: BackendKind): Target;
  /** Backends without a past: no rest of an earlier test stands in the way. */
  fresh(): Promise<void>;
  dispose(): Promise<void>;
}

/** Starts it. */
export async function createOracleStage(): Promise<OracleStage> {
  const upstream = await createFakeUpstream();
  const rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret", theirs: "sk-theirs" } });
  const kinds: readonly BackendKind[] = ["openai-compatible", "openai", "anthropic", "vllm"];
  let version = 0;
  const backend = (traits: BackendKind): BackendSnapshot => ({
    kind: "provider",
    id: `${traits}/${version}`,
    provider: traits,
    baseUrl: `${upstream.url}/v1`,
    model: "fake-model",
    apiKeySecret: "theirs",
  });
  const next = (): Snapshot => {
    version += 1;
    const models = kinds.map((kind): ModelSnapshot => ({ ...model(`my-${kind}`, []), backends: [backend(kind)] }));
    const names = models.map(({ name }) => name);
    return snapshot(version, { listeners: ["models"], models, keys: [key("fb-key", "secret", names)] });
  };
  rig.send(next());
  await rig.start().ready;
  return {
    rig,
    upstream,
    direct: { baseUrl: `${upstream.url}/v1`, key: "sk-direct", model: "fake-model" },
    through: (kind) => ({ baseUrl: rig.url("models", "/v1"), key: "fb-key", model: `my-${kind}` }),
    async fresh() {
      upstream.reset();
      expect(await rig.publish(next())).toBe("applied");
    },
    async dispose() {
      await rig.dispose();
      await upstream.dispose();
    },
  };
}
