import { ENGINE_PROFILES } from "@flyball/engine-model";
import { OBJECTIVES, type TraceRequest } from "@flyball/sim";
import { expect, test } from "vitest";
import { makeService } from "../../testing/make-status.ts";
import { dialectOf } from "./engine-arguments.ts";
import { searchTuning, type TuneSettings } from "./tune-search.ts";

/** Five requests a second with prompts of this size. */
function requestsOf(inputTokens: number): readonly TraceRequest[] {
  return Array.from({ length: 20 }, (_, id) => ({
    id,
    arrivedAt: id * 200,
    client: "",
    tenant: "",
    model: "",
    route: "",
    classIndex: 0,
    inputTokens,
    maxOutputTokens: undefined,
    blocks: [],
    outputTokens: 30,
  }));
}

/** Every setting that was simulated for a vLLM as on one A100. */
async function looksOf(inputTokens: number, maxRuns: number): Promise<readonly TuneSettings[]> {
  const service = makeService("llm", { command: ["vllm", "serve", "m"], replicas: 2 });
  const dialect = dialectOf(service);
  if (dialect === undefined) throw new Error("vLLM is known");
  const looks: TuneSettings[] = [];
  await searchTuning({
    tunable: { service, dialect, profile: ENGINE_PROFILES["8b-a100"], words: service.command ?? [] },
    requests: requestsOf(inputTokens),
    blockTokens: 0,
    loadFactor: 1,
    objective: OBJECTIVES.interactive,
    attainment: 0.95,
    seed: 1,
    maxReplicas: 3,
    maxRuns,
    onRun: async (settings) => void looks.push(settings),
  });
  return looks;
}

test("looks at no step that is smaller than the requests in it, because engines refuse that", async () => {
  const looks = await looksOf(3_000, 300);
  expect(looks[0]).toEqual({ replicas: 2, concurrency: 128, chunk: 2_048 });
  expect(looks.length).toBeGreaterThan(30);
  expect(looks.filter(({ chunk, concurrency }) => chunk < concurrency)).toEqual([]);
});

test("looks at no larger number of replicas once a smaller one keeps the objective", async () => {
  const looks = await looksOf(100, 100);
  const first = looks.findIndex(({ replicas }) => replicas === 1);
  expect(first).toBeGreaterThan(0);
  expect(looks.length).toBeGreaterThan(first + 3);
  expect(looks.slice(first).filter(({ replicas }) => replicas > 1)).toEqual([]);
});
