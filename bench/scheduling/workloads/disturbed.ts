// W10, clients change what they ask for in the middle; W11, replicas fail and slow down. Both on W3, at W3's loads.
import type { Fault, TraceRequest, Workload } from "@flyball/sim";
import type { WorkloadDefinition } from "./definition.ts";
import { W3 } from "./homogeneous.ts";

/** From the middle on, the client with the longest answers sends what the one with the shortest sent, and so on inwards. */
export const W10: WorkloadDefinition = {
  ...W3,
  id: "W10",
  title: "W3, clients swap their lengths in the middle; judged is the half after it",
  kneeOf: "W3",
  isBrief: true,
  capacities: [],
  groups: ["ablations"],
  build(input) {
    const workload = W3.build(input);
    const { fromMs, toMs } = workload.judged;
    const middleMs = (fromMs + toMs) / 2;
    const partner = partnersOf(workload.history);
    const swap = (request: TraceRequest): TraceRequest =>
      request.arrivedAt < middleMs ? request : { ...request, client: partner.get(request.client) ?? request.client };
    return { ...workload, name: "W10", requests: workload.requests.map(swap), judged: { fromMs: middleMs, toMs } };
  },
};

/** One replica of four is gone for three minutes; later another one is half as fast for five. */
export const W11: WorkloadDefinition = {
  ...W3,
  id: "W11",
  title: "W3, a replica fails for 3 min, another is half as fast for 5 min",
  kneeOf: "W3",
  isBrief: true,
  capacities: [],
  groups: ["ablations"],
  build(input) {
    const workload = W3.build(input);
    return { ...workload, name: "W11", faults: faultsWithin(workload.judged) };
  },
};

function faultsWithin({ fromMs, toMs }: Workload["judged"]): readonly Fault[] {
  const spanMs = toMs - fromMs;
  const at = (share: number): number => fromMs + share * spanMs;
  return [
    { kind: "down", replica: 0, at: at(0.1) },
    { kind: "up", replica: 0, at: at(0.2) },
    { kind: "slow", replica: 1, at: at(0.5), factor: 2 },
    { kind: "slow", replica: 1, at: at(0.67), factor: 1 },
  ];
}

function partnersOf(history: readonly TraceRequest[]): ReadonlyMap<string, string> {
  const sums = new Map<string, { requests: number; tokens: number }>();
  for (const { client, outputTokens } of history) {
    const sum = sums.get(client) ?? { requests: 0, tokens: 0 };
    sums.set(client, { requests: sum.requests + 1, tokens: sum.tokens + outputTokens });
  }
  const byLength = [...sums]
    .map(([client, { requests, tokens }]) => ({ client, mean: tokens / requests }))
    .toSorted((a, b) => a.mean - b.mean)
    .map(({ client }) => client);
  return new Map(byLength.map((client, index) => [client, byLength.at(-1 - index) as string]));
}
