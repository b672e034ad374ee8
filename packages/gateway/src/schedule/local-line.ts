// The arbiter inside the only worker: a call in place of each message.
import type { Clock, Random } from "@flyball/core";
import { createArbiter } from "./arbiter.ts";
import type { ArbiterLine } from "./arbiter-line.ts";
import type { GrantRecord } from "./arbiter-messages.ts";
import { createLookTimer } from "./look-timer.ts";
import type { SlotCheck } from "./slot-check.ts";
import type { ScheduleMemory } from "./schedule-memory.ts";

/** What it is made of. */
export interface LocalLineOptions {
  readonly memory: ScheduleMemory;
  readonly clock: Clock;
  readonly random: Random;
  readonly check: SlotCheck;
  readonly onGrant: (grant: GrantRecord) => void;
  readonly onLost: (pool: number, id: number) => void;
}

/** Creates the arbiter with its line. */
export function createLocalLine(options: LocalLineOptions): ArbiterLine {
  const { memory, clock, random, check, onGrant, onLost } = options;
  const arbiter = createArbiter({
    memory,
    random,
    monotonic: clock.monotonic,
    check,
    onGrant: (_row, grant) => onGrant(grant),
    onLost: (_row, pool, id) => onLost(pool, id),
  });
  const timer = createLookTimer(clock, arbiter);
  return {
    arrive(pool, requests) {
      for (const request of requests) arbiter.arrive(pool, request);
      arbiter.look();
      timer.set();
    },
    leave: (pool, id) => arbiter.leave(pool, id),
    end: (pool, id, outputTokens) => arbiter.end(pool, id, outputTokens),
    offer: (pool, tenant, classIndex, workMs) => arbiter.offer(pool, tenant, classIndex, workMs),
    look: () => arbiter.look(),
    explain: (pool, id) => Promise.resolve(arbiter.explain(pool, id)),
    setPools: (pools, tenantWeights) => arbiter.setPools(pools, tenantWeights),
  };
}
