import { describe, expect, it } from "vitest";
import { OUTCOME } from "../../metrics/outcomes.ts";
import { simulate } from "../../simulate.ts";
import { SMALL_ENGINE, syntheticRequests } from "../../testing/synthetic-requests.ts";
import { createFlyballPolicy } from "./flyball-policy.ts";

const requests = syntheticRequests({ seed: 9, count: 600, meanGapMs: 8, meanInput: 300, meanOutput: 80, clients: 5 });
const MAX_WAIT_MS = 300;

describe("the longest wait", () => {
  const { outcomes } = simulate({
    requests,
    replicas: [{ profile: SMALL_ENGINE }, { profile: SMALL_ENGINE }],
    policy: {
      name: "with max_wait",
      form: "ours",
      create: (world, truth) => createFlyballPolicy(world, truth, { learnsCaps: "as-shipped", maxWaitMs: MAX_WAIT_MS }),
    },
    seed: 3,
  });

  it("is kept: nobody is sent later, and who is not is refused", () => {
    const sent = requests.filter(({ id }) => outcomes.state[id] === OUTCOME.done);
    const refused = requests.filter(({ id }) => outcomes.state[id] === OUTCOME.refused);
    expect(sent.length + refused.length).toBe(requests.length);
    expect(refused.length).toBeGreaterThan(50);
    expect(sent.length).toBeGreaterThan(100);
    for (const { id, arrivedAt } of sent) {
      expect((outcomes.sentAt[id] as number) - arrivedAt).toBeLessThanOrEqual(MAX_WAIT_MS + 1);
    }
  });
});
