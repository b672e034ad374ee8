export { createBatch } from "./batch.ts";
export type { Batch, BatchOptions } from "./batch.ts";
export type { EngineProfile } from "./engine-profile.ts";
export { defaultEngineProfile, ENGINE_PROFILES } from "./engine-profiles.ts";
export type { EngineProfileName } from "./engine-profiles.ts";
export type { Sequence, SequenceInput } from "./sequence.ts";
export { stepTimeMs } from "./step-time.ts";
export type { StepTiming, StepWork } from "./step-time.ts";
