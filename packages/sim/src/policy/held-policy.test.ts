// What holding does: engines do not run short of memory, their prompts in flight stay bounded, and nobody waits while a replica could take him.
import { describe, expect, it } from "vitest";
import { simulate, type SimulationResult } from "../simulate.ts";
import { SMALL_ENGINE, syntheticRequests } from "../testing/synthetic-requests.ts";
import { policyCatalogue } from "./catalogue.ts";
import type { Policy, PolicySpec } from "./policy.ts";

/** Places for 64 requests, memory for about sixteen. */
const SHORT_OF_MEMORY = { ...SMALL_ENGINE, maxConcurrency: 64 };
const options = { meanGapMs: 130, meanInput: 150, meanOutput: 350, clients: 4 };
const requests = syntheticRequests({ seed: 3, count: 800, ...options });
const history = syntheticRequests({ seed: 4, count: 400, ...options });

function named(name: string): PolicySpec {
  return policyCatalogue(SHORT_OF_MEMORY).find((spec) => spec.name === name) as PolicySpec;
}

function run(policy: PolicySpec): SimulationResult {
  const replicas = [{ profile: SHORT_OF_MEMORY }, { profile: SHORT_OF_MEMORY }];
  return simulate({ requests, history, replicas, policy, seed: 1 });
}

/** Looks at each dispatch just before and after it is made. */
function watched(
  spec: PolicySpec,
  onDispatch: (policy: Policy, inputTokens: number, replica: number) => void,
): PolicySpec {
  return {
    ...spec,
    create(world, truth) {
      const policy = spec.create(world, truth);
      return {
        ...policy,
        get queued() {
          return policy.queued;
        },
        dispatch(now) {
          const next = policy.dispatch(now);
          if (next !== undefined) onDispatch(policy, next.request.inputTokens, next.replica);
          return next;
        },
      };
    },
  };
}

describe("holding", () => {
  // With sixteen answers at a time their sum is not near its mean, so a forecast of the mean keeps out only most of it.
  it.each([
    ["flyball", 0.1],
    ["oracle: SRTF by work", 0.1],
    ["least-request + queue", 0.5],
  ])("keeps engines from pushing requests out: %s", (name, share) => {
    const shipped = run(named("least-request")).enginePreemptions;
    expect(shipped).toBeGreaterThan(100);
    expect(run(named(name)).enginePreemptions).toBeLessThan(share * shipped);
  });

  it("leaves engines to push requests out where memory is not foreseen", () => {
    const without = run(named("shortest prompt first + queue without memory")).enginePreemptions;
    expect(without).toBeGreaterThan(1.5 * run(named("shortest prompt first + queue")).enginePreemptions);
  });

  it.each(["flyball", "least-request + queue"])(
    "has no more than four chunks of prompts in flight on a replica: %s",
    (name) => {
      const limit = 4 * SHORT_OF_MEMORY.maxTokensPerStep;
      const inFlight = new Map<number, { readonly replica: number; readonly tokens: number }>();
      let most = 0;
      const spec = named(name);
      const counted: PolicySpec = {
        ...spec,
        create(world, truth) {
          const policy = spec.create(world, truth);
          return {
            ...policy,
            get queued() {
              return policy.queued;
            },
            dispatch(now) {
              const next = policy.dispatch(now);
              if (next === undefined) return undefined;
              const { request, replica } = next;
              const before = [...inFlight.values()].filter((it) => it.replica === replica);
              inFlight.set(request.id, { replica, tokens: request.inputTokens });
              const sum = before.reduce((total, { tokens }) => total + tokens, request.inputTokens);
              if (before.length > 0) most = Math.max(most, sum);
              return next;
            },
            firstToken(request, now) {
              inFlight.delete(request.id);
              policy.firstToken(request, now);
            },
          };
        },
      };
      run(counted);
      expect(most).toBeGreaterThan(limit / 4);
      expect(most).toBeLessThanOrEqual(limit);
    },
  );

  it.each(["flyball", "least-request + queue"])("holds nobody back while there is room for everybody: %s", (name) => {
    const roomy = { ...SMALL_ENGINE, maxConcurrency: 1_000, kvCapacityTokens: 10_000_000, maxTokensPerStep: 100_000 };
    let held = 0;
    const spec = watched(named(name), (policy) => {
      held = Math.max(held, policy.queued);
    });
    const { outcomes } = simulate({ requests, history, replicas: [{ profile: roomy }], policy: spec, seed: 1 });
    expect(held).toBe(0);
    expect(requests.every(({ id, arrivedAt }) => outcomes.sentAt[id] === arrivedAt)).toBe(true);
  });
});
