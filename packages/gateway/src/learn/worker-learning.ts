// What one worker learns of model calls: how long answers become, how many tokens its bytes are, how fast endpoints write. Each worker has its
// own, for nothing here is worth a lock; the main thread gathers them and keeps them over a restart.
import type { Clock, LedgerRecord } from "@flyball/core";
import { createOutputPredictor, type ModelReport, type OutputPredictor } from "@flyball/traffic";
import type { ModelCall } from "../calls/model-call.ts";
import type { CallAccount } from "../ledger/call-account.ts";
import { createCallWatch, type CallWatch, type CallWatchOptions } from "./call-watch.ts";
import { callTraits } from "./call-traits.ts";
import type { Forecast } from "./forecast.ts";
import { createLessonBudget } from "./lesson-budget.ts";
import { learnCall } from "./learn-call.ts";
import { createTokenScales, type TokenScales } from "./token-scales.ts";

/** Bound of a worker's predictor; up to 1.7 kB each, so 7 MB at most. */
const MAX_NODES = 4_096;

/** All that a worker has learned, as plain JSON. */
export interface SavedLearning {
  readonly predictor: unknown;
  readonly scales: unknown;
}

/** The learning of one worker. */
export interface WorkerLearning {
  readonly watch: CallWatch;
  /** What is to be expected of a call; some 2 µs. undefined: its answer is no text. */
  foresee(call: ModelCall, account: CallAccount | undefined): Forecast | undefined;
  /** A call is over and settled; some 5 µs. When very many end, some of them teach. */
  learn(forecast: Forecast, account: CallAccount, record: LedgerRecord): void;
  /** How many tokens so many bytes of an answer of this alias come to, on average. */
  outputTokens(model: string, bytes: number): number;
  /** A few milliseconds when much is known. */
  save(): SavedLearning;
  report(): readonly ModelReport[];
  /** `refused`: what was saved is damaged or of another version. */
  readonly origin: OutputPredictor["origin"];
  /** Answers learned since it began; nothing new, nothing to save. */
  readonly learned: number;
}

/** What it is made with. */
export interface WorkerLearningOptions extends Pick<CallWatchOptions, "activeAt" | "send"> {
  readonly clock: Clock;
  /** Of this worker's place in an earlier process. */
  readonly saved: SavedLearning | undefined;
}

/** Creates it; the watch runs. */
export function createWorkerLearning({ clock, saved, activeAt, send }: WorkerLearningOptions): WorkerLearning {
  const predictor = createOutputPredictor({ saved: saved?.predictor, maxNodes: MAX_NODES });
  const scales = createTokenScales(saved?.scales);
  const mayLearn = createLessonBudget(clock);
  let learned = 0;
  return {
    watch: createCallWatch({ clock, scales, activeAt, send }),
    foresee(call, account) {
      if (call.face.output !== "text") return undefined;
      const inputTokens = promptTokens(scales, call, account);
      const traits = callTraits(call, inputTokens);
      return { traits, prediction: predictor.predict(traits), inputTokens };
    },
    learn(forecast, account, record) {
      if (!mayLearn()) return;
      learned += 1;
      learnCall({ predictor, scales }, forecast, account, record);
    },
    outputTokens: (model, bytes) => scales.outputTokens(model, bytes),
    save: () => ({ predictor: predictor.save(), scales: scales.save() }),
    report: () => predictor.report(),
    origin: predictor.origin,
    get learned() {
      return learned;
    },
  };
}

/** Of what is no text only the most is known. */
function promptTokens(scales: TokenScales, { model, body }: ModelCall, account: CallAccount | undefined): number {
  if (account === undefined) return scales.inputTokens(model.name, body.length);
  const { isInputText, inputBytes, inputTokens } = account.start;
  return isInputText ? scales.inputTokens(model.name, inputBytes) : inputTokens;
}
