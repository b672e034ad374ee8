export { startExtractiveEngine } from "./extractive/start-extractive-engine.ts";
export type { EngineClock } from "./openai/engine-clock.ts";
export { runEngine } from "./run-engine.ts";
export type { EngineSurroundings } from "./run-engine.ts";
export type { EngineServerOptions, RunningEngine } from "./running-engine.ts";
export { createSimulatedEngine } from "./simulated/simulated-engine.ts";
export type { SimulatedEngineOptions } from "./simulated/simulated-engine.ts";
export { startSimulatedEngine } from "./simulated/start-simulated-engine.ts";
