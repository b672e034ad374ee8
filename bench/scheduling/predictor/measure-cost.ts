// What the predictor costs: CPU a call, bytes saved, nodes under a flood of new clients.
import { createOutputPredictor } from "@flyball/traffic";
import { traitsOf } from "./forecaster.ts";
import type { AnswerTrace } from "./read-answers.ts";

const FLOOD = 1_000_000;

/** CPU in microseconds a call (milliseconds for saving and restoring), sizes in kB. */
export interface CostResult {
  readonly predictUs: number;
  readonly learnUs: number;
  readonly remainingUs: number;
  readonly nodes: number;
  readonly savedKb: number;
  readonly saveMs: number;
  readonly restoreMs: number;
  readonly floodLearnUs: number;
  readonly floodNodes: number;
}

/** Measures on a predictor that knows the trace. CPU time of the process, so that a busy machine changes little. */
export function measureCost({ answers }: AnswerTrace): CostResult {
  const requests = answers.map((answer) => ({ traits: traitsOf(answer), tokens: answer.outputTokens }));
  const predictor = createOutputPredictor();
  let sum = 0;
  const learnAll = (): void => {
    for (const { traits, tokens } of requests) predictor.learn(traits, tokens, "complete");
  };
  const predictAll = (): void => {
    for (const { traits } of requests) sum += predictor.predict(traits).p50;
  };
  learnAll();
  predictAll();
  const learnUs = cpuUs(learnAll) / requests.length;
  const predictUs = cpuUs(predictAll) / requests.length;
  const prediction = predictor.predict(requests[0]?.traits ?? traitsOf(answers[0] as never));
  const remainingUs = cpuUs(() => {
    for (let tokens = 0; tokens < 100_000; tokens += 1) sum += prediction.remainingAfter(tokens % 3000);
  });
  let text = "";
  const saveMs = cpuUs(() => (text = JSON.stringify(predictor.save()))) / 1000;
  const restoreMs = cpuUs(() => (sum += createOutputPredictor({ saved: JSON.parse(text) as unknown }).nodes)) / 1000;
  const flooded = flood();
  if (Number.isNaN(sum)) throw new Error("not a number");
  return {
    predictUs,
    learnUs,
    remainingUs: remainingUs / 100_000,
    nodes: predictor.nodes,
    savedKb: text.length / 1000,
    saveMs,
    restoreMs,
    ...flooded,
  };
}

function flood(): Pick<CostResult, "floodLearnUs" | "floodNodes"> {
  const traits = { model: "m", route: "", shape: "", promptHash: 0, inputTokens: 100, maxOutputTokens: undefined };
  const predictor = createOutputPredictor();
  const learnUs = cpuUs(() => {
    for (let client = 0; client < FLOOD; client += 1) {
      predictor.learn({ ...traits, key: `client ${client}` }, 1 + (client % 997), "complete");
    }
  });
  return { floodLearnUs: learnUs / FLOOD, floodNodes: predictor.nodes };
}

function cpuUs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
