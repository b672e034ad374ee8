// W7, two fast and two slow replicas; W8, few slots without batching to speak of.
import { ENGINE_PROFILES } from "@flyball/engine-model";
import { OBJECTIVES, sampleTrace, type Objective, type TraceRequest } from "@flyball/sim";
import { judgedOf, type WorkloadDefinition } from "./definition.ts";

const A100 = ENGINE_PROFILES["8b-a100"];
const L40S = ENGINE_PROFILES["8b-l40s"];
const SERIAL = ENGINE_PROFILES["serial-4"];
/** An L40S reads prompts as fast as an A100 and writes at 0.45 of its speed; an operator who has measured both sets something between. */
const L40S_WEIGHT = 0.7;
/** An answer takes some five seconds alone: waiting for three others is what such a machine's users bear. */
const SLOT_OBJECTIVE: Objective = { ttftMs: 15_000, tpotMs: 100 };
/** Longest prompt and answer that a slot of such an engine takes. */
const SLOT_INPUT = 4_096;
const SLOT_OUTPUT = 4_096;

/** Nobody tells our router which replicas are fast. */
export const W7: WorkloadDefinition = {
  id: "W7",
  title: "Azure conversations on 2 × 8B-A100 and 2 × 8B-L40S",
  traces: ["azure"],
  profile: A100,
  startRate: 14,
  isMixed: true,
  groups: ["held placements"],
  build({ trace, seed, ratePerSecond, durationMs }) {
    const sample = sampleTrace(trace("azure").requests, {
      seed,
      ratePerSecond,
      // Many requests come: half of the time says as much.
      durationMs: durationMs / 2,
      profile: A100,
    });
    const fast = { profile: A100 };
    const slow = { profile: L40S, handWeight: L40S_WEIGHT };
    return {
      name: "W7",
      requests: sample.requests,
      history: sample.history,
      replicas: [fast, fast, slow, slow],
      judged: judgedOf(sample.durationMs),
      objective: OBJECTIVES.standard,
      blockTokens: 0,
    };
  },
};

/** As Ollama serves: four slots each, the rest waits. Lengths and clients of ServeGen, cut to what a slot holds. */
export const W8: WorkloadDefinition = {
  id: "W8",
  title: "ServeGen deepseek-r1 (cut to 4,096) on 2 × 4 slots",
  traces: ["servegen"],
  profile: SERIAL,
  startRate: 0.9,
  groups: ["held orders", "oracles"],
  build({ trace, seed, ratePerSecond, durationMs }) {
    const requests = trace("servegen").requests.map((request): TraceRequest => ({
      ...request,
      inputTokens: Math.min(SLOT_INPUT, request.inputTokens),
      outputTokens: Math.min(SLOT_OUTPUT, request.outputTokens),
    }));
    // A slow pool sees few requests an hour: it runs twice as long.
    const sample = sampleTrace(requests, { seed, ratePerSecond, durationMs: 2 * durationMs, profile: SERIAL });
    return {
      name: "W8",
      requests: sample.requests,
      history: sample.history,
      replicas: [{ profile: SERIAL }, { profile: SERIAL }],
      judged: judgedOf(sample.durationMs),
      objective: SLOT_OBJECTIVE,
      blockTokens: 0,
    };
  },
};
