// Every policy that is compared, by name. "shipped" ones are as products do it; "held" ones are the same rules on our late-binding queue, so that
// what holding gives stands apart from what ordering gives; oracles know every answer's length and bound what is possible.
import { DEFAULT_SCHEDULE } from "@flyball/core";
import type { EngineProfile } from "@flyball/engine-model";
import type { WorkRates } from "@flyball/traffic";
import { createDirectPolicy } from "./direct-policy.ts";
import { createDynamoPolicy } from "./dynamo-policy.ts";
import { createEngineQueuePolicy } from "./engine-queue-policy.ts";
import { createFlyballPolicy } from "./flyball/flyball-policy.ts";
import { createPredictorForesight, createTrueForesight } from "./flyball/foresight.ts";
import { createHeldPolicy } from "./held-policy.ts";
import type { OrderRule } from "./order-rule.ts";
import type { CreatePlacer } from "./placer.ts";
import { createBlockCost } from "./placers/block-cost.ts";
import { createCacheAware } from "./placers/cache-aware.ts";
import { createFirstLeastBusy } from "./placers/first-least-busy.ts";
import { createLeastRequest, createWeightedLeastRequest } from "./placers/least-request.ts";
import { createLowestLatency } from "./placers/lowest-latency.ts";
import { createPredictedLatency } from "./placers/predicted-latency.ts";
import { createRandomChoice } from "./placers/random-choice.ts";
import { createRoundRobin } from "./placers/round-robin.ts";
import { createScrapedBlend } from "./placers/scraped-blend.ts";
import { createTokenAware } from "./placers/token-aware.ts";
import { createTwoChoices } from "./placers/two-choices.ts";
import type { PolicySpec } from "./policy.ts";
import { clairvoyantRule } from "./rules/clairvoyant.ts";
import * as rules from "./rules/order-rules.ts";
import { createClientWindowSizer } from "./sizers/client-window.ts";
import { createTrueSizer } from "./sizers/sizer.ts";

const SCRAPE_MS = 200;
/** Where a manifest says nothing of `max_wait`. */
const SHIPPED_MAX_WAIT_MS = 2_000;
const BOOST_GAMMA = DEFAULT_SCHEDULE.gammaPerSecond;
const OLDEST_EVERY = 4;

/** All policies, for a pool whose first engine is this one: its speed calibrates what an operator would calibrate. */
export function policyCatalogue(profile: EngineProfile): readonly PolicySpec[] {
  return [
    ...shippedPlacements(profile),
    ...shippedOrders(profile),
    ...ours(),
    ...heldPlacements(profile),
    ...heldOrders(profile),
    ...oracles(profile),
  ];
}

/** Rates that an operator would measure for these rules once. */
function ratesOf(profile: EngineProfile): WorkRates {
  const batch = Math.min(64, profile.maxConcurrency);
  return {
    prefillMs: profile.perTokenMs,
    decodeMs: (profile.stepBaseMs + profile.stepOverheadMs) / batch + profile.perSequenceMs,
    contextMs: profile.perContextTokenMs,
  };
}

function placements(profile: EngineProfile): readonly (readonly [name: string, placer: CreatePlacer])[] {
  return [
    ["round-robin", createRoundRobin],
    ["random", createRandomChoice],
    ["two choices (Envoy)", createTwoChoices],
    ["least-request", createLeastRequest],
    ["least-request, weighted by hand", createWeightedLeastRequest],
    ["least-busy (LiteLLM)", createFirstLeastBusy],
    ["latency-based (LiteLLM)", createLowestLatency],
    ["scraped blend 3/2/2/2 (llm-d)", createScrapedBlend(SCRAPE_MS)],
    ["token-aware (llm-d)", createTokenAware(1_000 / profile.perTokenMs)],
    ["predicted latency (llm-d)", createPredictedLatency],
    ["cache_aware (SGLang)", createCacheAware],
    ["block cost (Dynamo)", createBlockCost],
  ];
}

function shippedPlacements(profile: EngineProfile): readonly PolicySpec[] {
  return placements(profile).map(([name, createPlacer]) => ({
    name,
    form: "shipped",
    create: (world) => createDirectPolicy(world, { createPlacer }),
  }));
}

function heldPlacements(profile: EngineProfile): readonly PolicySpec[] {
  return placements(profile).map(([name, createPlacer]) => ({
    name: `${name} + queue`,
    form: "held",
    create: (world, truth) =>
      createHeldPolicy(world, {
        createPlacer,
        rule: rules.FCFS,
        sizer: createClientWindowSizer(world, truth),
        foreseesMemory: true,
      }),
  }));
}

function orders(profile: EngineProfile): readonly (readonly [name: string, rule: OrderRule])[] {
  const rates = ratesOf(profile);
  return [
    ["shortest prompt first", rules.SHORTEST_PROMPT],
    ["earliest deadline", rules.EARLIEST_DEADLINE],
    ["hrrn (SGLang)", rules.highestResponseRatio(rates)],
    ["multi-level queue (FastServe)", rules.multiLevelQueue(rates)],
    ["γ-boost", rules.gammaBoost(rates, BOOST_GAMMA)],
  ];
}

function shippedOrders(profile: EngineProfile): readonly PolicySpec[] {
  const inEngines = orders(profile).map(([name, rule]): PolicySpec => ({
    name: `${name} in engines`,
    form: "shipped",
    isInEngines: true,
    create: (world, truth) => createEngineQueuePolicy(world, rule, createClientWindowSizer(world, truth)),
  }));
  return [
    { name: "wspt queue (Dynamo)", form: "shipped", create: (world) => createDynamoPolicy(world, "wspt") },
    ...inEngines,
    {
      name: "clairvoyant rule in engines",
      form: "shipped",
      isInEngines: true,
      create: (world, truth) =>
        createEngineQueuePolicy(world, clairvoyantRule(world.history, truth), createClientWindowSizer(world, truth)),
    },
  ];
}

function heldOrders(profile: EngineProfile): readonly PolicySpec[] {
  const all: readonly (readonly [string, OrderRule])[] = [
    ...orders(profile),
    ["least work, client's last answers", rules.leastWork(ratesOf(profile), OLDEST_EVERY)],
  ];
  const held = all.map(([name, rule]): PolicySpec => ({
    name: `${name} + queue`,
    form: "held",
    isOrder: true,
    create: (world, truth) => heldBy(world, truth, rule),
  }));
  const clairvoyant: PolicySpec = {
    name: "clairvoyant rule + queue",
    form: "held",
    isOrder: true,
    create: (world, truth) => heldBy(world, truth, clairvoyantRule(world.history, truth)),
  };
  const withoutMemory: PolicySpec = {
    name: "shortest prompt first + queue without memory",
    form: "held",
    isOrder: true,
    create: (world, truth) =>
      createHeldPolicy(world, {
        createPlacer: createLeastRequest,
        rule: rules.SHORTEST_PROMPT,
        sizer: createClientWindowSizer(world, truth),
        foreseesMemory: false,
      }),
  };
  return [...held, clairvoyant, withoutMemory];
}

function heldBy(
  world: Parameters<PolicySpec["create"]>[0],
  truth: Parameters<PolicySpec["create"]>[1],
  rule: OrderRule,
): ReturnType<PolicySpec["create"]> {
  return createHeldPolicy(world, {
    createPlacer: createLeastRequest,
    rule,
    sizer: createClientWindowSizer(world, truth),
    foreseesMemory: true,
  });
}

function ours(): readonly PolicySpec[] {
  const without = (name: string, options: Parameters<typeof createFlyballPolicy>[2]): PolicySpec => ({
    name: `flyball, ${name}`,
    form: "ours",
    create: (world, truth) => createFlyballPolicy(world, truth, options),
  });
  return [
    { name: "flyball", form: "ours", create: (world, truth) => createFlyballPolicy(world, truth) },
    without("by arrival", { order: { withinTenant: { kind: "arrival" } }, isOneTenant: true }),
    without("no age share", { order: { withinTenant: { kind: "shortest", oldestShare: 0 } } }),
    without("γ-boost", { order: { withinTenant: { kind: "boost", gammaPerSecond: BOOST_GAMMA } } }),
    without("clients unknown", { createForesight: createPredictorForesight(true) }),
    without("no affinity", { hasPrefixIndex: false }),
    without("learned caps", { learnsCaps: "below-it" }),
    without("shipped defaults", { learnsCaps: "as-shipped", maxWaitMs: SHIPPED_MAX_WAIT_MS }),
  ];
}

function oracles(profile: EngineProfile): readonly PolicySpec[] {
  const rates = ratesOf(profile);
  const held = (name: string, rule: OrderRule): PolicySpec => ({
    name: `oracle: ${name}`,
    form: "oracle",
    create: (world, truth) =>
      createHeldPolicy(world, {
        createPlacer: createLeastRequest,
        rule,
        sizer: createTrueSizer(world, truth),
        foreseesMemory: true,
      }),
  });
  return [
    held("SRPT by time alone", rules.shortestAlone(rates, profile.stepBaseMs + profile.stepOverheadMs)),
    held("SRTF by work", rules.leastWork(rates)),
    held("SRTF by work, 1 in 4 oldest", rules.leastWork(rates, OLDEST_EVERY)),
    {
      name: "oracle: flyball",
      form: "oracle",
      create: (world, truth) => createFlyballPolicy(world, truth, { createForesight: createTrueForesight }),
    },
  ];
}
