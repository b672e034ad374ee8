// What each endpoint may take at once, written into the shared book by the main thread alone: what the snapshot says, what was learned of the
// endpoint, what the latencies that the workers see allow, and what of it is this gateway's where it shares it. The least of them holds.
import { completeSchedule, PROMPT_CHUNK_TOKENS, type Schedule, type Snapshot } from "@flyball/core";
import { DEFAULT_WORK_RATES, NO_LIMIT, rampShare, type EndpointLimits, type WorkRates } from "@flyball/traffic";
import type { Slot } from "../shared/in-flight-table.ts";
import { MAX_CONNECTIONS } from "../upstream/max-connections.ts";
import { wantedPools, type WantedPool } from "../worker/wanted-pools.ts";
import type { EndpointShares, EndpointUnits } from "./endpoint-shares.ts";
import { gateCell, type ScheduleMemory } from "./schedule-memory.ts";
import { modelPoolIds, scheduledPoolIds } from "./scheduled-pools.ts";

/** What was learned of an endpoint; `NO_LIMIT` where a limit is not known. */
export interface LearnedEndpoint {
  readonly rates?: WorkRates;
  readonly activeCap?: number;
  /** Requests at once that it is expected to bear, while nothing has shown a limit. */
  readonly expectedCap?: number;
  /** Time of a token of an answer in the usual context, ms, where it was seen. */
  readonly tokenMs?: number;
  /** Tokens that its memory holds. */
  readonly kvTokenCap?: number;
}

/** A plain service has no tokens. */
const NO_RATES: WorkRates = { prefillMs: 0, decodeMs: 0, contextMs: 0 };

/** The writer of limits. */
export interface EndpointLimitsWriter {
  /** Endpoints of a snapshot that the workers are about to serve. Those that it takes away go on until `served`. */
  apply(snapshot: Snapshot, slots: Readonly<Record<string, Slot>>): void;
  /** All workers serve it: what it takes away gets nothing new. */
  served(): void;
  /** More is known of an endpoint. */
  learn(endpoint: string, learned: LearnedEndpoint): void;
  /** Reads what the workers' latencies allow. Called ten times a second. */
  refresh(): void;
  /** What an endpoint may have at once, of all gateways that share it: `NO_LIMIT` where nobody knows, undefined when it is not scheduled. */
  wholeOf(endpoint: string): EndpointUnits | undefined;
  /** What it was seen to bear; undefined when it is not scheduled. */
  bearingOf(endpoint: string): Bearing | undefined;
  /** Those of all endpoints that get new requests. */
  wholes(): readonly EndpointWhole[];
}

/** How much an endpoint can work on, as far as that was learned: the measure of its load. */
export interface Bearing {
  /** Requests at once; undefined: nothing has shown it, so what the manifest says counts. */
  readonly slots: number | undefined;
  /** Time of a token of an answer in the usual context, ms; undefined: not learned. */
  readonly tokenMs: number | undefined;
}

/** What one endpoint may have at once. */
export interface EndpointWhole extends EndpointUnits {
  readonly endpoint: string;
  readonly pool: string;
  readonly column: number;
}

interface LimitedEndpoint {
  readonly pool: string;
  readonly column: number;
  readonly weight: number;
  readonly maxActive: number;
  /** What the manifest says that it works on at once. */
  readonly named: number | undefined;
  /** Its prompts and memory are bounded too. */
  readonly isModel: boolean;
  readonly isServing: boolean;
  readonly schedule: Schedule;
  /** When it came, monotonic milliseconds; −Infinity: it was there before this gateway. */
  readonly startedAt: number;
  written: EndpointLimits | undefined;
}

/** Creates it. Bounded by the endpoints of the newest snapshot. */
export function createEndpointLimits(
  memory: ScheduleMemory,
  shares: Pick<EndpointShares, "part" | "isShared">,
  monotonic: () => number,
): EndpointLimitsWriter {
  const { book, gates, rows } = memory;
  let endpoints = new Map<string, LimitedEndpoint>();
  /** Those that the last snapshots take away, by column, until all workers serve one of them. */
  const leaving = new Map<number, LimitedEndpoint>();
  const known = new Map<string, LearnedEndpoint>();
  /** When each endpoint of the newest snapshot came; undefined: there was no snapshot yet. */
  let cameAt: ReadonlyMap<string, number> | undefined;
  const gateOf = (column: number): number => {
    let sum = 0;
    for (let row = 0; row < rows; row += 1) {
      const said = Atomics.load(gates, gateCell(row, column));
      sum += said === 0 ? MAX_CONNECTIONS : said;
    }
    return sum;
  };
  const wholeOf = (id: string, { maxActive, isModel, schedule }: LimitedEndpoint): EndpointUnits => {
    const learned = known.get(id);
    return {
      slots: Math.min(maxActive, learned?.activeCap ?? NO_LIMIT),
      memoryTokens: isModel ? memoryOf(schedule, learned?.kvTokenCap) : NO_LIMIT,
    };
  };
  const write = (id: string, endpoint: LimitedEndpoint): void => {
    const { column, weight, isModel, isServing, schedule, startedAt } = endpoint;
    const learned = known.get(id);
    const startShare = rampShare(monotonic() - startedAt, schedule.slowStartMs);
    const { slots, memoryTokens } = wholeOf(id, endpoint);
    // What the gates allow was learned of what this gateway sends: it is no part of a whole.
    const activeCap = Math.min(shares.part(id, "slots", slots), Math.max(1, Math.min(slots, gateOf(column))));
    const limits: EndpointLimits = {
      activeCap,
      prefillTokenCap: isModel ? Math.min(NO_LIMIT, schedule.promptChunks * PROMPT_CHUNK_TOKENS) : NO_LIMIT,
      kvTokenCap: Math.max(1, shares.part(id, "memoryTokens", memoryTokens)),
      weight,
      ...(startShare === 1 ? {} : { startShare }),
      rates: learned?.rates ?? (isModel ? DEFAULT_WORK_RATES : NO_RATES),
      isServing,
    };
    if (endpoint.written && isSame(endpoint.written, limits)) return;
    endpoint.written = limits;
    book.setLimits(column, limits);
  };
  return {
    apply(snapshot, slots) {
      const next = new Map<string, LimitedEndpoint>();
      const scheduled = scheduledPoolIds(snapshot);
      const models = modelPoolIds(snapshot);
      const pools = wantedPools(snapshot);
      cameAt = arrivals(pools, cameAt, monotonic());
      for (const pool of pools) {
        if (!scheduled.has(pool.id)) continue;
        const schedule = completeSchedule(pool.schedule);
        for (const { id, weight, state, maxActive: named } of pool.endpoints) {
          const slot = slots[id];
          if (slot === undefined) continue;
          const isModel = models.has(pool.id);
          next.set(id, {
            pool: pool.id,
            column: slot.index,
            weight,
            // Of a plain service it is the unit of its load; of one that serves a model it is as many as the engine takes.
            maxActive: isModel ? (named ?? NO_LIMIT) : NO_LIMIT,
            named,
            isModel,
            isServing: state === "serving",
            schedule,
            startedAt: cameAt.get(id) ?? Number.NEGATIVE_INFINITY,
            written: undefined,
          });
        }
      }
      for (const [id, before] of endpoints) {
        const after = next.get(id);
        if (after?.column === before.column) after.written = before.written;
        else leaving.set(before.column, before);
        if (after === undefined) known.delete(id);
      }
      endpoints = next;
      // One that is drained serves for those workers that do not know it yet.
      for (const [id, endpoint] of endpoints) if (endpoint.isServing || !endpoint.written) write(id, endpoint);
    },
    served() {
      // One that was to leave may have come back.
      for (const { column } of endpoints.values()) leaving.delete(column);
      for (const { column, written } of leaving.values()) {
        if (written?.isServing) book.setLimits(column, { ...written, isServing: false });
      }
      leaving.clear();
      for (const [id, endpoint] of endpoints) write(id, endpoint);
    },
    learn(id, learned) {
      const endpoint = endpoints.get(id);
      if (endpoint === undefined) return;
      known.set(id, { ...known.get(id), ...learned });
      write(id, endpoint);
    },
    refresh() {
      for (const [id, endpoint] of endpoints) if (endpoint.isServing) write(id, endpoint);
    },
    wholeOf(id) {
      const endpoint = endpoints.get(id);
      return endpoint && wholeOf(id, endpoint);
    },
    bearingOf(id) {
      const endpoint = endpoints.get(id);
      if (endpoint === undefined) return undefined;
      const learned = known.get(id);
      const { slots } = wholeOf(id, endpoint);
      const told = slots < NO_LIMIT ? slots : endpoint.named;
      // What the latencies allow is of this gateway's requests alone, and says nothing of a whole that others use too.
      const gate = shares.isShared ? MAX_CONNECTIONS : gateOf(endpoint.column);
      const seen = gate < MAX_CONNECTIONS && endpoint.named === undefined ? gate : NO_LIMIT;
      const most = Math.min(told ?? NO_LIMIT, seen);
      return {
        slots: most < NO_LIMIT ? most : learned?.expectedCap,
        tokenMs: learned?.tokenMs,
      };
    },
    wholes: () =>
      [...endpoints]
        .filter(([, { isServing }]) => isServing)
        .map(([id, endpoint]) => ({
          endpoint: id,
          pool: endpoint.pool,
          column: endpoint.column,
          ...wholeOf(id, endpoint),
        })),
  };
}

/** When each endpoint came. What is there when a gateway starts has run for long, as far as it can tell. */
function arrivals(
  pools: readonly WantedPool[],
  before: ReadonlyMap<string, number> | undefined,
  now: number,
): ReadonlyMap<string, number> {
  const came = before === undefined ? Number.NEGATIVE_INFINITY : now;
  const ids = pools.flatMap(({ endpoints }) => endpoints.map(({ id }) => id));
  return new Map(ids.map((id) => [id, before?.get(id) ?? came]));
}

/** Tokens of memory that may be reserved. */
function memoryOf({ kvTokens = NO_LIMIT, kvUtilization }: Schedule, told = NO_LIMIT): number {
  const most = Math.min(kvTokens, told);
  return most >= NO_LIMIT ? NO_LIMIT : Math.max(1, Math.floor(most * kvUtilization));
}

function isSame(one: EndpointLimits, other: EndpointLimits): boolean {
  return (
    one.activeCap === other.activeCap &&
    one.prefillTokenCap === other.prefillTokenCap &&
    one.kvTokenCap === other.kvTokenCap &&
    one.weight === other.weight &&
    one.startShare === other.startShare &&
    one.isServing === other.isServing &&
    one.rates.prefillMs === other.rates.prefillMs &&
    one.rates.decodeMs === other.rates.decodeMs &&
    one.rates.contextMs === other.rates.contextMs
  );
}
