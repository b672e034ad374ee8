// What `flyball simulate` says of an engine holds for the simulated engine as a program: the same requests give the same number of steps, the same
// time between tokens and the same time to the first token. Below the knee: past it a request more or less decides how long the queue is.
import { type EngineProfile, ENGINE_PROFILES } from "@flyball/engine-model";
import { createSimulatedEngine, type EngineClock } from "@flyball/engines";
import { createFakeClock } from "@flyball/fakes";
import { createSeededRandom, policyCatalogue, quantileOf, simulate, type TraceRequest } from "@flyball/sim";
import { expect, test } from "vitest";

/** Each prompt is one of its own: what a prefix cache shares is compared where the engine is at home. */
const PROFILE: EngineProfile = { ...ENGINE_PROFILES["8b-a100"], hasPrefixCache: false };

interface Question {
  readonly atMs: number;
  readonly text: string;
  readonly outputTokens: number;
}

interface Seen {
  readonly steps: number;
  /** Mean over requests of the mean time between two tokens. */
  readonly tpotMs: number;
  readonly ttftP50Ms: number;
}

/** Poisson arrivals, prompts of so many words or up to 1,200 more, answers of 20 to 220 tokens. */
function questionsOf(count: number, perSecond: number, leastWords: number): readonly Question[] {
  const random = createSeededRandom(count);
  let atMs = 0;
  return Array.from({ length: count }, (_, index) => {
    atMs += (-Math.log(1 - random()) / perSecond) * 1_000;
    const text = `question${index} `.repeat(leastWords + Math.floor(random() ** 2 * 1_200));
    return { atMs, text, outputTokens: 20 + Math.floor(random() ** 2 * 200) };
  });
}

/** The engine itself. Times are the engine's, so `speed` times those of the clock. */
async function askEngine(
  questions: readonly Question[],
  { clock, speed, pass }: { readonly clock: EngineClock; readonly speed: number; readonly pass: Pass },
): Promise<Seen & { readonly arrivals: readonly Arrival[] }> {
  const engine = createSimulatedEngine({ profile: PROFILE, clock, speed, maxWaiting: 10_000 });
  const startedMs = clock.monotonic();
  const engineMs = (): number => (clock.monotonic() - startedMs) * speed;
  const answers = questions.map(({ atMs, text, outputTokens }) => {
    const answer = Promise.withResolvers<Arrival & { readonly ttftMs: number; readonly tpotMs: number }>();
    clock.after(atMs / speed, () => {
      const request = {
        messages: [{ role: "user", text }],
        maxTokens: outputTokens,
        stop: [],
        simulatedOutputTokens: outputTokens,
      };
      const cameMs = engineMs();
      const admission = engine.generate(request, new AbortController().signal);
      if (admission.outcome !== "admitted") throw new Error(admission.outcome);
      const read = async (): Promise<void> => {
        let firstMs: number | undefined;
        for await (const _piece of admission.pieces) firstMs ??= engineMs();
        const lastMs = engineMs();
        const { promptTokens } = admission;
        const tpotMs = (lastMs - (firstMs ?? lastMs)) / (outputTokens - 1);
        answer.resolve({ promptTokens, outputTokens, cameMs, ttftMs: (firstMs ?? lastMs) - cameMs, tpotMs });
      };
      void read();
    });
    return answer.promise;
  });
  const all = Promise.all(answers);
  await pass(all);
  const seen = await all;
  return {
    steps: engine.steps(),
    arrivals: seen,
    ...summaryOf(
      seen.map(({ ttftMs }) => ttftMs),
      seen.map(({ tpotMs }) => tpotMs),
    ),
  };
}

/** A request as it came to the engine. */
interface Arrival {
  readonly cameMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

type Pass = (done: Promise<unknown>) => Promise<void>;

/** The same in `flyball simulate`: one replica, nothing between it and the requests. */
function askSimulation(arrivals: readonly Arrival[]): Seen {
  const requests: readonly TraceRequest[] = arrivals.map(({ cameMs, promptTokens, outputTokens }, id) => ({
    id,
    arrivedAt: cameMs,
    client: "",
    tenant: "",
    model: "",
    route: "",
    classIndex: 0,
    inputTokens: promptTokens,
    maxOutputTokens: undefined,
    blocks: [],
    outputTokens,
  }));
  const policy = policyCatalogue(PROFILE).find(({ name }) => name === "round-robin");
  if (policy === undefined) throw new Error("the catalogue has round-robin");
  const run = simulate({ requests, replicas: [{ profile: PROFILE }], policy, seed: 1, networkMs: 0 });
  const { firstAt, endAt } = run.outcomes;
  const at = (times: ArrayLike<number>, id: number): number => times[id] ?? Number.NaN;
  return {
    steps: run.engineSteps,
    ...summaryOf(
      requests.map(({ id, arrivedAt }) => at(firstAt, id) - arrivedAt),
      requests.map(({ id, outputTokens }) => (at(endAt, id) - at(firstAt, id)) / (outputTokens - 1)),
    ),
  };
}

function summaryOf(ttfts: readonly number[], tpots: readonly number[]): Pick<Seen, "tpotMs" | "ttftP50Ms"> {
  return {
    tpotMs: tpots.reduce((sum, value) => sum + value, 0) / tpots.length,
    ttftP50Ms: quantileOf(Float64Array.from(ttfts).toSorted(), 0.5),
  };
}

function expectSame(engine: Seen, simulation: Seen, tolerance: number): void {
  const apart = (name: keyof Seen): number => Math.abs(engine[name] / simulation[name] - 1);
  expect({ steps: apart("steps"), tpot: apart("tpotMs"), ttft: apart("ttftP50Ms") }).toEqual({
    steps: expect.toSatisfy((share: number) => share < tolerance) as number,
    tpot: expect.toSatisfy((share: number) => share < tolerance) as number,
    ttft: expect.toSatisfy((share: number) => share < tolerance) as number,
  });
}

test.each([4, 8])("agree to a thousandth at %d requests a second, on a clock that is never late", async (perSecond) => {
  const questions = questionsOf(300, perSecond, 300);
  const clock = createFakeClock();
  const pass: Pass = async () => {
    while (await clock.advanceToNext());
  };
  const engine = await askEngine(questions, { clock, speed: 1, pass });
  expectSame(engine, askSimulation(engine.arrivals), 0.001);
});

// Both are asked at the times at which the requests really came. On a machine that has no time for it tokens come late: then it is tried again.
// Long prompts, so that the millisecond or two by which a timer is late is little beside a first token.
test(
  "agree within a twentieth on the machine's clock, at the speed of a real engine",
  { retry: 4, timeout: 60_000 },
  async () => {
    const questions = questionsOf(15, 3, 1_500);
    const clock: EngineClock = {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      after(delayMs, run) {
        const timer = setTimeout(run, delayMs);
        return () => clearTimeout(timer);
      },
    };
    const engine = await askEngine(questions, { clock, speed: 1, pass: async (done) => void (await done) });
    expectSame(engine, askSimulation(engine.arrivals), 0.05);
  },
);
