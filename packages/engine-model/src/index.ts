export { defaultEngineProfile } from "./engine-profile.ts";
export type { EngineProfile } from "./engine-profile.ts";
export { prefillTimeMs } from "./prefill-time.ts";
export { stepTimeMs } from "./step-time.ts";
export type { StepWork } from "./step-time.ts";
