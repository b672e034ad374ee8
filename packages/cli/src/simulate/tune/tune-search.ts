// Looks for better settings of one service in simulation: requests at once, tokens of a step, replicas.
import {
  compareSettings,
  searchSettings,
  type Objective,
  policyCatalogue,
  type SearchAxis,
  type SearchPoint,
  type TraceRequest,
} from "@flyball/sim";
import type { CaseResult } from "../case-result.ts";
import { choosePolicies } from "../choose-policies.ts";
import { evenPool } from "../read-pools.ts";
import { runCase } from "../run-case.ts";
import type { TunableService } from "./tunable-service.ts";

/** Values of what is searched. */
export interface TuneSettings {
  readonly replicas: number;
  readonly concurrency: number;
  readonly chunk: number;
}

/** Settings and what they gave. */
export interface TuneLook {
  readonly settings: TuneSettings;
  readonly result: CaseResult;
}

/** What came of the search. */
export interface TuneFound {
  readonly before: TuneLook;
  readonly after: TuneLook;
  readonly runs: number;
  /** Every combination was simulated. */
  readonly isWhole: boolean;
}

/** What to search. */
export interface TuneQuestion {
  readonly tunable: TunableService;
  readonly requests: readonly TraceRequest[];
  readonly blockTokens: number;
  readonly loadFactor: number;
  readonly objective: Objective;
  readonly attainment: number;
  readonly seed: number;
  readonly maxReplicas: number;
  readonly maxRuns: number;
  readonly onRun: (settings: TuneSettings) => Promise<void>;
}

const CONCURRENCIES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const CHUNKS = [256, 512, 1_024, 2_048, 4_096, 8_192, 16_384];

/** Searches. The number of replicas stays where `scale` decides it: then the greatest that it allows is simulated. */
export async function searchTuning(question: TuneQuestion): Promise<TuneFound> {
  const { tunable, attainment, maxRuns, onRun } = question;
  const { service, profile } = tunable;
  const replicas = service.scale?.max ?? service.replicas;
  const most = service.scale === undefined ? Math.max(question.maxReplicas, replicas) : replicas;
  const axes: readonly SearchAxis[] = [
    axisOf("concurrency", CONCURRENCIES, profile.maxConcurrency),
    axisOf("chunk", CHUNKS, Math.max(profile.maxTokensPerStep, profile.maxConcurrency)),
    axisOf(
      "replicas",
      service.scale === undefined ? Array.from({ length: most }, (_, index) => index + 1) : [],
      replicas,
    ),
  ];
  const found = await searchSettings<CaseResult>({
    axes,
    maxRuns,
    measure: async (point) => {
      await onRun(settingsOf(point));
      return look(question, settingsOf(point));
    },
    compare: (a, b) => compareSettings(standing(a), standing(b), attainment),
    spare: "replicas",
    isHopeless: (point, best) => isHopeless(settingsOf(point), best.result, attainment),
  });
  return {
    before: { settings: settingsOf(found.start.point), result: found.start.result },
    after: { settings: settingsOf(found.best.point), result: found.best.result },
    runs: found.runs,
    isWhole: found.isWhole,
  };
}

/**
 * Engines refuse a step that is smaller than the requests in it. And where fewer replicas keep the objective, more of them are not better,
 * whatever they show.
 */
function isHopeless({ replicas, concurrency, chunk }: TuneSettings, best: CaseResult, attainment: number): boolean {
  return chunk < concurrency || (best.goodShare >= attainment && replicas > best.replicas);
}

function axisOf(name: string, values: readonly number[], start: number): SearchAxis {
  return { name, start, values: [...new Set([...values, start])].toSorted((a, b) => a - b) };
}

function settingsOf({ replicas = 1, concurrency = 1, chunk = 1 }: SearchPoint): TuneSettings {
  return { replicas, concurrency, chunk };
}

function look({ tunable, ...rest }: TuneQuestion, { replicas, concurrency, chunk }: TuneSettings): CaseResult {
  const profile = { ...tunable.profile, maxConcurrency: concurrency, maxTokensPerStep: chunk };
  const [policy] = choosePolicies(["flyball"], policyCatalogue(profile));
  if (policy === undefined) throw new Error("the catalogue has flyball");
  const { requests, blockTokens, loadFactor, objective, seed } = rest;
  return runCase({ requests, blockTokens, policy, pool: evenPool(replicas, profile), loadFactor, objective, seed });
}

function standing({ replicas, goodShare, latency }: CaseResult): Parameters<typeof compareSettings>[0] {
  return { replicas, goodShare, latencyMs: latency.mean };
}
