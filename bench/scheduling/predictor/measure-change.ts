// A client swaps what it asks for midway (W10): after how many of its answers does the median foretell the new ones?
import { seededRandom } from "@flyball/fakes";
import { createOutputPredictor } from "@flyball/traffic";

const CLIENTS = [30, 100, 300, 1000, 3000] as const;
/** Standard deviation of the logarithm of a client's lengths: a coefficient of variation of 0.8, as ServeGen's clients have. */
const SPREAD = 0.7;
const ROUNDS_BEFORE = 1000;
const ROUNDS_AFTER = 400;
const REPEATS = 20;
/** The median is right again when it is within 30 %. */
const RIGHT = Math.log(1.3);

/** One change and how it went. */
export interface ChangeResult {
  readonly from: number;
  readonly to: number;
  /** Mean |ln(p50 ÷ true median)| before, and after so many answers of the changed client. */
  readonly errorBefore: number;
  readonly errorAfter: readonly { readonly answers: number; readonly error: number }[];
  /** Answers until the mean error stays within 30 %; undefined: not within 400. */
  readonly recoveredAfter: number | undefined;
}

/** Measures a change of one client's median among five that stay as they are. */
export function measureChange(from: number, to: number): ChangeResult {
  const errors = new Float64Array(ROUNDS_AFTER);
  let errorBefore = 0;
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const random = seededRandom(repeat + 1);
    const predictor = createOutputPredictor();
    const traits = (client: number) => {
      const inputTokens = Math.floor(100 * 50 ** random());
      return {
        key: `c${client}`,
        model: "m",
        route: "",
        shape: "",
        promptHash: client,
        inputTokens,
        maxOutputTokens: undefined,
      };
    };
    const learnRound = (changing: number): void => {
      for (const [client, median] of [...CLIENTS, changing].entries()) {
        const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
        predictor.learn(traits(client), Math.max(1, Math.round(median * Math.exp(SPREAD * normal))), "complete");
      }
    };
    const error = (median: number): number =>
      Math.abs(Math.log(predictor.predict(traits(CLIENTS.length)).p50 / median));
    for (let round = 0; round < ROUNDS_BEFORE; round += 1) learnRound(from);
    errorBefore += error(from) / REPEATS;
    for (let round = 0; round < ROUNDS_AFTER; round += 1) {
      errors[round] = (errors[round] ?? 0) + error(to) / REPEATS;
      learnRound(to);
    }
  }
  const lastWrong = errors.findLastIndex((error) => error > RIGHT);
  return {
    from,
    to,
    errorBefore,
    errorAfter: [10, 20, 50, 100].map((answers) => ({ answers, error: errors[answers] ?? Number.NaN })),
    recoveredAfter: lastWrong === ROUNDS_AFTER - 1 ? undefined : lastWrong + 1,
  };
}
