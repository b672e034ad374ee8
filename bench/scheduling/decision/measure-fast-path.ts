// What a request costs that need not wait: room, choice and reservation, and giving it back.
import type { BalanceAlgorithm } from "@flyball/core";
import {
  cellBookBytes,
  createBalancer,
  createCellBook,
  createPlacer,
  createPrefixIndex,
  createReservation,
  placeAtOnce,
  type PrefixIndex,
  type ScheduledRequest,
} from "@flyball/traffic";
import { createPoolPrefixes } from "../../../packages/gateway/src/schedule/pool-prefixes.ts";
import { createSharedPrefixes, sharedPrefixesBytes } from "../../../packages/gateway/src/schedule/shared-prefixes.ts";

/** What is measured. */
export interface FastPathOptions {
  readonly endpoints: number;
  /** Gateway workers whose rows are added up. */
  readonly rows: number;
  readonly balancer: BalanceAlgorithm;
  readonly blocks: number;
  /** gateway: the one in memory that its workers share, full of other prompts. simulation: one for each endpoint. */
  readonly index: "gateway" | "simulation";
  readonly random: () => number;
}

/** Other prompts that the index knows: as many notes as it has places. */
const OTHER_PROMPTS = 16_384;
const TURNS = 200_000;

/** Microseconds of CPU for a placement with its first token and its end. */
export function measureFastPath(options: FastPathOptions): number {
  const { endpoints, rows, balancer, blocks, random } = options;
  const size = { endpoints, rows };
  const book = createCellBook(size, rows > 1 ? new SharedArrayBuffer(cellBookBytes(size)) : undefined);
  for (let endpoint = 0; endpoint < endpoints; endpoint += 1) {
    book.setLimits(endpoint, {
      activeCap: 64,
      prefillTokenCap: 4_096,
      kvTokenCap: 400_000,
      weight: 1,
      rates: { prefillMs: 0.07, decodeMs: 0.35, contextMs: 1e-4 },
      isServing: true,
    });
  }
  const prefixes = blocks > 0 ? prefixIndexOf(options) : undefined;
  const placer = createPlacer({ book, balancer: createBalancer(balancer, random), random, prefixes });
  const requests = Array.from({ length: 64 }, (_, id) => requestOf(id, blocks, random));
  // Some run already, so that loads differ, and each prompt is known to an endpoint in eight.
  const held = Array.from({ length: endpoints * 8 }, () => createReservation());
  for (const [turn, reservation] of held.entries()) {
    const request = requests[turn % 64] as ScheduledRequest;
    placeAtOnce(placer, request, reservation);
    prefixes?.add(Math.floor(random() * endpoints), request.blocks);
    book.firstToken(reservation);
  }
  const run = (turns: number): number => {
    const before = process.cpuUsage();
    for (let turn = 0; turn < turns; turn += 1) {
      const reservation = held[turn % held.length] as (typeof held)[number];
      book.release(reservation);
      if (placeAtOnce(placer, requests[turn % 64] as ScheduledRequest, reservation) < 0)
        throw new Error("the pool is full");
      book.firstToken(reservation);
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / turns;
  };
  run(TURNS / 10);
  return run(TURNS);
}

function prefixIndexOf({ index, endpoints, blocks, random }: FastPathOptions): PrefixIndex {
  if (index === "simulation") return createPrefixIndex({ endpoints });
  const seats = Array.from({ length: endpoints }, (_, seat) => ({ index: seat, generation: 1 }));
  const prefixes = createPoolPrefixes(createSharedPrefixes(new SharedArrayBuffer(sharedPrefixesBytes())), { seats });
  for (let prompt = 0; prompt < OTHER_PROMPTS; prompt += 1) {
    const other = Array.from({ length: blocks }, () => Math.floor(random() * 2 ** 32));
    prefixes.add(Math.floor(random() * endpoints), other);
  }
  return prefixes;
}

function requestOf(id: number, blocks: number, random: () => number): ScheduledRequest {
  return {
    id,
    tenant: "",
    classIndex: 0,
    arrivedAt: 0,
    deadlineAt: Number.POSITIVE_INFINITY,
    inputTokens: Math.ceil(100 + 2_000 * random()),
    outputTokens: 200,
    outputTokensHigh: Math.ceil(100 + 600 * random()),
    workMs: 100,
    blocks: Array.from({ length: blocks }, (_, block) => id * 1_000 + block),
  };
}
