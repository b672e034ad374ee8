// A fake engine for tests of the server: the test hands out each piece itself and sees what the server asked and ended.

import type { Admission, Engine, EngineLoad, GeneratedPiece, GenerationRequest } from "./engine.ts";

/** One request that reached the engine. */
export interface ScriptedGeneration {
  readonly request: GenerationRequest;
  readonly signal: AbortSignal;
  say(text: string): void;
  finish(): void;
  fail(error: Error): void;
  /** How many pieces the server has taken. */
  takenPieces(): number;
  /** Resolves when the server has stopped reading, for whatever reason. */
  readonly released: Promise<void>;
}

/** A fake engine with its knobs. */
export interface ScriptedEngine extends Engine {
  /** Resolves with the next request that reaches the engine. */
  nextGeneration(): Promise<ScriptedGeneration>;
  setReady(isReady: boolean): void;
  /** The admission of further requests; undefined admits. */
  refuseWith(admission: Admission | undefined): void;
}

type Step = { readonly piece: GeneratedPiece } | { readonly error: Error } | "end";

/** Creates a fake engine that is ready and admits everything; each piece counts as one token. */
export function createScriptedEngine(): ScriptedEngine {
  const arrived: ScriptedGeneration[] = [];
  const awaited: ((generation: ScriptedGeneration) => void)[] = [];
  let isReady = true;
  let refusal: Admission | undefined;
  const load: EngineLoad = { running: 2, waiting: 1, kvUsage: 0.25 };
  return {
    completionFields: { answered_by: "script" },
    isReady: () => isReady,
    load: () => load,
    generate(request, signal) {
      if (refusal !== undefined) return refusal;
      const { generation, pieces } = createGeneration(request, signal);
      const waiter = awaited.shift();
      if (waiter === undefined) arrived.push(generation);
      else waiter(generation);
      return { outcome: "admitted", promptTokens: 7, pieces };
    },
    nextGeneration() {
      const generation = arrived.shift();
      if (generation !== undefined) return Promise.resolve(generation);
      return new Promise((resolve) => awaited.push(resolve));
    },
    setReady: (ready) => (isReady = ready),
    refuseWith: (admission) => (refusal = admission),
  };
}

function createGeneration(
  request: GenerationRequest,
  signal: AbortSignal,
): { readonly generation: ScriptedGeneration; readonly pieces: AsyncIterable<GeneratedPiece> } {
  const steps: Step[] = [];
  let wake = (): void => {};
  let taken = 0;
  const released = Promise.withResolvers<void>();
  const push = (step: Step): void => {
    steps.push(step);
    wake();
  };
  signal.addEventListener("abort", () => push("end"), { once: true });
  async function* pieces(): AsyncGenerator<GeneratedPiece, void, void> {
    try {
      while (true) {
        const step = steps.shift();
        if (step === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else if (step === "end") return;
        else if ("error" in step) throw step.error;
        else {
          taken += 1;
          yield step.piece;
        }
      }
    } finally {
      released.resolve();
    }
  }
  return {
    generation: {
      request,
      signal,
      say: (text) => push({ piece: { text, tokens: 1 } }),
      finish: () => push("end"),
      fail: (error) => push({ error }),
      takenPieces: () => taken,
      released: released.promise,
    },
    pieces: pieces(),
  };
}
