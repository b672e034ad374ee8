// The detectors that control runs over what gateways report: those of traffic/detect, each behind the same three calls. A new one is a line here.
import type { EngineEvidence, PoolLoad, RequestEvidence } from "@flyball/core";
import {
  addAnswers,
  addLimits,
  addOutput,
  addPoolLoad,
  createBadOutput,
  createDependencyDown,
  createOverloadSeen,
  createRateLimited,
  findBadOutput,
  findDown,
  findLimited,
  findOverload,
  addEngineEvidence,
  addEngineRequests,
  addSlowness,
  addStuckRequests,
  addStuckStreams,
  createEngineProgress,
  createSlowPeers,
  createStuckRequests,
  createStuckStreams,
  findSlow,
  findStalledEngines,
  findStuckRequests,
  findStuckStreams,
  type Finding,
} from "@flyball/traffic";

/** All of them together. */
export interface Detectors {
  add(evidence: RequestEvidence | EngineEvidence | PoolLoad): void;
  /** What they see at present. They look at most once a second; in between the answer stays. */
  find(now: number): readonly Finding[];
}

interface Detector {
  readonly addRequests?: (seen: RequestEvidence) => void;
  readonly addEngine?: (seen: EngineEvidence) => void;
  readonly addLoad?: (seen: PoolLoad) => void;
  readonly find: (now: number) => readonly Finding[];
}

const LOOK_MS = 1_000;

/** Detectors that have seen nothing. */
export function createDetectors(): Detectors {
  const detectors = [
    stuckRequests(),
    stuckStreams(),
    engineProgress(),
    slowness(),
    badOutput(),
    limits(),
    overload(),
    down(),
  ];
  let lookedAt = Number.NEGATIVE_INFINITY;
  let found: readonly Finding[] = [];
  return {
    add(evidence) {
      for (const detector of detectors) {
        if (evidence.kind === "requests") detector.addRequests?.(evidence);
        else if (evidence.kind === "engine") detector.addEngine?.(evidence);
        else detector.addLoad?.(evidence);
      }
    },
    find(now) {
      if (now - lookedAt < LOOK_MS) return found;
      lookedAt = now;
      found = detectors.flatMap((detector) => detector.find(now));
      return found;
    },
  };
}

function stuckRequests(): Detector {
  const table = createStuckRequests();
  return { addRequests: (seen) => addStuckRequests(table, seen), find: (now) => findStuckRequests(table, now) };
}

function stuckStreams(): Detector {
  const table = createStuckStreams();
  return { addRequests: (seen) => addStuckStreams(table, seen), find: (now) => findStuckStreams(table, now) };
}

function engineProgress(): Detector {
  const table = createEngineProgress();
  return {
    addRequests: (seen) => addEngineRequests(table, seen),
    addEngine: (seen) => addEngineEvidence(table, seen),
    find: (now) => findStalledEngines(table, now),
  };
}

function slowness(): Detector {
  const table = createSlowPeers();
  return { addRequests: (seen) => addSlowness(table, seen), find: (now) => findSlow(table, now) };
}

function badOutput(): Detector {
  const table = createBadOutput();
  return { addRequests: (seen) => addOutput(table, seen), find: (now) => findBadOutput(table, now) };
}

function limits(): Detector {
  const table = createRateLimited();
  return { addRequests: (seen) => addLimits(table, seen), find: (now) => findLimited(table, now) };
}

function overload(): Detector {
  const table = createOverloadSeen();
  return { addLoad: (seen) => addPoolLoad(table, seen), find: (now) => findOverload(table, now) };
}

function down(): Detector {
  const table = createDependencyDown();
  return { addRequests: (seen) => addAnswers(table, seen), find: (now) => findDown(table, now) };
}
