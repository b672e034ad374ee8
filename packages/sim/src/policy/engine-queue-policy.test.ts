import { describe, expect, it } from "vitest";
import { simulate } from "../simulate.ts";
import { SMALL_ENGINE, syntheticRequests } from "../testing/synthetic-requests.ts";
import { policyCatalogue } from "./catalogue.ts";
import { createEngineQueuePolicy } from "./engine-queue-policy.ts";
import type { PolicySpec } from "./policy.ts";
import { FCFS } from "./rules/order-rules.ts";
import { createClientWindowSizer } from "./sizers/client-window.ts";

/** The rule that engines have anyway, by way of the policy that stands inside of them. */
const firstCome: PolicySpec = {
  name: "first come in engines",
  form: "shipped",
  isInEngines: true,
  create: (world, truth) => createEngineQueuePolicy(world, FCFS, createClientWindowSizer(world, truth)),
};
const leastRequest = policyCatalogue(SMALL_ENGINE).find(({ name }) => name === "least-request") as PolicySpec;

function meanFirstTokenMs(policy: PolicySpec, meanGapMs: number): number {
  const requests = syntheticRequests({ seed: 4, count: 3_000, meanGapMs, meanInput: 300, meanOutput: 60, clients: 5 });
  const replicas = Array.from({ length: 2 }, () => ({ profile: SMALL_ENGINE }));
  const { outcomes } = simulate({ requests, replicas, policy, seed: 1 });
  const sum = requests.reduce((total, { id, arrivedAt }) => total + (outcomes.firstAt[id] as number) - arrivedAt, 0);
  return sum / requests.length;
}

describe("an order inside of engines", () => {
  it.each([40, 24, 18])(
    "costs nothing by itself: first come is as the engine's own queue, a request every %d ms",
    (gap) => {
      const ratio = meanFirstTokenMs(firstCome, gap) / meanFirstTokenMs(leastRequest, gap);
      expect(ratio).toBeGreaterThan(0.93);
      expect(ratio).toBeLessThan(1.07);
    },
  );
});
