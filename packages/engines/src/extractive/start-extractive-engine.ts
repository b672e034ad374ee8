// The extractive engine as a server.

import { startEngineServer } from "../running-engine.ts";
import type { EngineServerOptions, RunningEngine } from "../running-engine.ts";
import { createExtractiveEngine } from "./extractive-engine.ts";

/**
 * Starts the extractive engine; its model is called `extractive` unless said.
 *
 * ```ts
 * const engine = await startExtractiveEngine({ port: 0 });
 * await fetch(`${engine.url}/health`); // 200
 * await engine.drain();
 * ```
 */
export function startExtractiveEngine(options: EngineServerOptions = {}): Promise<RunningEngine> {
  return startEngineServer(createExtractiveEngine(), { ...options, model: options.model ?? "extractive" });
}
