// The simulated engine as a server.

import { startEngineServer } from "../running-engine.ts";
import type { EngineServerOptions, RunningEngine } from "../running-engine.ts";
import { createSimulatedEngine } from "./simulated-engine.ts";
import type { SimulatedEngineOptions } from "./simulated-engine.ts";

/**
 * Starts a simulated engine; its model is called `simulated` unless said.
 *
 * ```ts
 * const engine = await startSimulatedEngine({ profile: { stepBaseMs: 20, maxConcurrency: 8 }, outputTokens: 64 });
 * ```
 */
export function startSimulatedEngine(
  options: EngineServerOptions & SimulatedEngineOptions = {},
): Promise<RunningEngine> {
  return startEngineServer(createSimulatedEngine(options), { ...options, model: options.model ?? "simulated" });
}
