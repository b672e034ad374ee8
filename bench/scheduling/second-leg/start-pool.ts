// An app of one pool: simulated engines in processes of their own, and the gateway before them, as `flyball up -d` starts it.
import type { BalanceAlgorithm } from "@flyball/core";
import { createAppRig } from "../../../test/support/app-rig.ts";
import type { CleanUp } from "../../gateway/machine/clean-up.ts";
import { freePort } from "../../gateway/machine/free-port.ts";
import { PROFILE } from "./draw-arrivals.ts";

/** A pool that answers. */
export interface StartedPool {
  /** `http://host:port`. */
  readonly origin: string;
  stop(): Promise<void>;
}

/** Starts it; resolves when the gateway has its address. */
export async function startPool(balance: BalanceAlgorithm, replicas: number, cleanUp: CleanUp): Promise<StartedPool> {
  const port = await freePort();
  cleanUp.requireOpen();
  const rig = await createAppRig({ manifest: manifestOf({ balance, replicas, port }) });
  const stop = cleanUp.defer(() => rig.dispose());
  try {
    await rig.up();
    return { origin: `http://127.0.0.1:${port}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function manifestOf({
  balance,
  replicas,
  port,
}: {
  readonly balance: BalanceAlgorithm;
  readonly replicas: number;
  readonly port: number;
}): string {
  return `name: second-leg
services:
  llm:
    serve:
      engine: simulated
      model: simulated
      args: [--profile, ${PROFILE.name}, --no-prefix-cache]
    replicas: ${replicas}
    concurrency: ${PROFILE.maxConcurrency}
    balance: ${balance}
    # All prompts are alike, and the engines have no prefix cache.
    schedule: { prefix_affinity: false }
models:
  chat: { backends: [{ service: llm }] }
# A third engine under overload would be another pool than the simulated one.
healing: { act: [] }
gateway: { workers: 1, listeners: { public: { port: ${port} } } }
routes:
  - { path: /v1, models: [chat] }
`;
}
