// A pool that gets more than it can do: requests are turned away, or its queue is longer than it can work off in half a minute. Subject: the pool. At most:
// scale. Restarts make it worse, so none ever follows from it.
import type { PoolLoad } from "@flyball/core";
import type { Finding } from "./finding.ts";

/** Seconds that are looked back on, how many of them make it overload, and how many may be left when it is over. */
const SECONDS = 15;
const ENTER = 8;
const LEAVE = 2;
/** A second of overload: this share was turned away, or the queue takes so long. */
const REFUSED_SHARE = 0.01;
const LONG_BACKLOG_MS = 30_000;
const FRESH_MS = 10_000;
const MOST_POOLS = 10_000;

interface PoolRow {
  /** The last seconds, the newest last. */
  readonly seconds: {
    readonly at: number;
    readonly isOver: boolean;
    readonly refused: number;
    readonly arrived: number;
  }[];
  isOverloaded: boolean;
  since: number;
  queued: number;
  backlogMs: number;
}

export type OverloadTable = Map<string, PoolRow>;

/** Nothing seen yet. */
export function createOverloadSeen(): OverloadTable {
  return new Map();
}

/** Adds how loaded a pool is. */
export function addPoolLoad(table: OverloadTable, load: PoolLoad): void {
  const row: PoolRow = table.get(load.pool) ?? {
    seconds: [],
    isOverloaded: false,
    since: load.from,
    queued: 0,
    backlogMs: 0,
  };
  table.delete(load.pool);
  table.set(load.pool, row);
  if (table.size > MOST_POOLS) table.delete(table.keys().next().value as string);
  const isOver = load.refused > REFUSED_SHARE * load.arrived || load.backlogMs > LONG_BACKLOG_MS;
  row.seconds.push({ at: load.to, isOver, refused: load.refused, arrived: load.arrived });
  if (row.seconds.length > SECONDS) row.seconds.shift();
  row.queued = load.queued;
  row.backlogMs = load.backlogMs;
  const over = row.seconds.filter((second) => second.isOver);
  if (!row.isOverloaded && over.length >= ENTER) {
    row.isOverloaded = true;
    row.since = over[0]?.at ?? load.from;
  } else if (over.length <= LEAVE) row.isOverloaded = false;
}

/** Pools that are overloaded at present. */
export function findOverload(table: OverloadTable, now: number): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [subject, { seconds, isOverloaded, since, queued, backlogMs }] of table) {
    if (!isOverloaded || now - (seconds.at(-1)?.at ?? 0) > FRESH_MS) continue;
    const refused = seconds.reduce((sum, second) => sum + second.refused, 0);
    const arrived = seconds.reduce((sum, second) => sum + second.arrived, 0);
    const began = { lastGood: since, firstBad: since };
    findings.push({
      class: "overload",
      subject,
      began,
      facts: { refused, arrived, queued, backlogMs: Math.round(backlogMs) },
    });
  }
  return findings;
}
