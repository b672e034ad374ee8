// Where a request goes: among the endpoints that have room for it, those that know its prompt come first, and of them the balancer chooses.
// The place is reserved in the same step. The scheduler uses it for those who wait, a worker for those who need not.
import type { Random } from "@flyball/core";
import { DEFAULT_AFFINITY, keepWarm, type AffinityOptions } from "../../affinity/affinity-filter.ts";
import type { PrefixIndex } from "../../affinity/prefix-index.ts";
import type { Balancer } from "../../balance/balancer.ts";
import type { EndpointBook } from "../book/endpoint-book.ts";
import { lastSpan } from "../book/memory-forecast.ts";
import type { Reservation } from "../book/reservation.ts";
import type { ScheduledRequest } from "../scheduled-request.ts";
import {
  createPlaceCandidate,
  createPoolSpeeds,
  loadWith,
  refreshCandidate,
  type CandidateView,
  type PlaceCandidate,
} from "./place-candidate.ts";
import { createRoom, hasRoom, readBeside, readRoom, readSample, shutEndpoint, type MemoryNeed } from "./room.ts";

/** How a placer is made. */
export interface PlacerOptions {
  readonly book: EndpointBook;
  readonly balancer: Balancer;
  readonly random: Random;
  /** Without one no prompt is known anywhere. */
  readonly prefixes?: PrefixIndex | undefined;
  readonly affinity?: AffinityOptions | undefined;
  /** Prompts of so much of its own time are a full load of an endpoint, ms; default 1,000. */
  readonly prefillBudgetMs?: number | undefined;
  /** Latest latency of an endpoint, ms; 0: not known. Only some balancers ask. */
  readonly latencyMs?: ((endpoint: number) => number) | undefined;
}

/** The placer of one pool; changed in place. */
export interface Placer extends CandidateView {
  balancer: Balancer;
  readonly random: Random;
  prefixes: PrefixIndex | undefined;
  affinity: AffinityOptions;
  readonly latencyMs: ((endpoint: number) => number) | undefined;
  /** What the request in hand needs; scratch. */
  readonly need: MemoryNeed;
  readonly all: readonly PlaceCandidate[];
  /** Those of the placement in hand; the first is the chosen one after it. */
  readonly candidates: PlaceCandidate[];
  /** All endpoints, and those that may know the prompt in hand; the second is scratch. */
  readonly everybody: Int32Array;
  readonly knowing: Int32Array;
}

const DEFAULT_PREFILL_BUDGET_MS = 1_000;
/** In a pool with more open endpoints than this only a sample is looked at, and those that know the prompt. */
const MOST_LOOKED_AT = 32;
const SAMPLE = 8;

/** Creates one. */
export function createPlacer(options: PlacerOptions): Placer {
  const { book } = options;
  const room = createRoom(book.size);
  return {
    book,
    balancer: options.balancer,
    random: options.random,
    prefixes: options.prefixes,
    affinity: options.affinity ?? DEFAULT_AFFINITY,
    prefillBudgetMs: options.prefillBudgetMs ?? DEFAULT_PREFILL_BUDGET_MS,
    latencyMs: options.latencyMs,
    room,
    speeds: createPoolSpeeds(),
    need: { contextTokens: 0, remainingTokens: 0, span: 0, isHeldBack: false },
    all: Array.from({ length: book.size }, (_, endpoint) => createPlaceCandidate(endpoint)),
    candidates: [],
    everybody: Int32Array.from({ length: book.size }, (_, endpoint) => endpoint),
    knowing: new Int32Array(book.size),
  };
}

/**
 * The fast path of somebody who comes while nobody waits: reads the room, chooses and reserves. Returns the endpoint; −1: he has to queue.
 * Allocates nothing.
 */
export function placeAtOnce(placer: Placer, request: ScheduledRequest, reservation: Reservation): number {
  const { room, book, balancer, prefixes } = placer;
  placer.need.isHeldBack = false;
  if (book.size > MOST_LOOKED_AT && balancer.isSampled === true) {
    readSample(room, book, Math.floor(placer.random() * book.size), SAMPLE);
    if (prefixes !== undefined && request.blocks.length > 0) {
      const { everybody, knowing } = placer;
      readBeside(room, book, knowing, prefixes.findKnowing(request.blocks, everybody, book.size, knowing));
    }
    const endpoint = placeInRoom(placer, request, reservation);
    if (endpoint >= 0) return endpoint;
  }
  readRoom(room, book, -1);
  return placeInRoom(placer, request, reservation);
}

/** The same among some endpoints only: those with a number that is not 0 in `shut` are left out. */
export function placeWithin(
  placer: Placer,
  request: ScheduledRequest,
  reservation: Reservation,
  shut: Uint8Array,
): number {
  const { room, book, need } = placer;
  need.isHeldBack = false;
  readRoom(room, book, -1);
  for (let endpoint = 0; endpoint < book.size; endpoint += 1) if (shut[endpoint] !== 0) shutEndpoint(room, endpoint);
  return placeInRoom(placer, request, reservation);
}

/**
 * Chooses among the endpoints that have room and reserves. Returns the endpoint; −1: none took it. Those that did not are shut. Whether the
 * request leaves room to others stands in `need`.
 */
export function placeInRoom(placer: Placer, request: ScheduledRequest, reservation: Reservation): number {
  const { book, room, need, candidates, balancer } = placer;
  const hash = request.hash ?? request.blocks[0] ?? request.id;
  need.contextTokens = Math.ceil(request.inputTokens);
  need.remainingTokens = Math.ceil(request.outputTokensHigh);
  need.span = lastSpan(need.remainingTokens);
  while (gather(placer, request) > 0) {
    const chosen = candidates[balancer.choose(candidates, hash >>> 0)];
    if (chosen === undefined) return -1;
    reservation.prefillTokens = chosen.uncachedTokens;
    reservation.contextTokens = need.contextTokens;
    reservation.remainingTokens = need.remainingTokens;
    reservation.workMs = request.workMs;
    if (book.tryReserve(chosen.endpoint, reservation)) return chosen.endpoint;
    // Another worker was faster.
    shutEndpoint(room, chosen.endpoint);
  }
  return -1;
}

/** The endpoint, serving or full, that knows most of the prompt; −1: none knows anything of it. */
export function warmestEndpoint({ book, prefixes }: Placer, request: ScheduledRequest): number {
  if (prefixes === undefined || request.blocks.length === 0) return -1;
  let warmest = -1;
  let most = 0;
  for (let endpoint = 0; endpoint < book.size; endpoint += 1) {
    const match = prefixes.match(endpoint, request.blocks);
    if (match <= most || !book.limits(endpoint).isServing) continue;
    most = match;
    warmest = endpoint;
  }
  return warmest;
}

/** Prompt tokens that the endpoint would have to read; at least one, as engines do. */
export function uncachedTokensAt({ prefixes }: Placer, endpoint: number, request: ScheduledRequest): number {
  const { inputTokens, blocks } = request;
  if (prefixes === undefined || blocks.length === 0) return inputTokens;
  return Math.min(inputTokens, Math.max(1, inputTokens - prefixes.match(endpoint, blocks) * prefixes.blockTokens));
}

/** Fills `candidates` with those that have room and, of them, know the prompt; returns how many. */
function gather(placer: Placer, request: ScheduledRequest): number {
  const { room, candidates, book, prefixes } = placer;
  candidates.length = 0;
  const isSampled = room.open > MOST_LOOKED_AT && placer.balancer.isSampled === true;
  if (prefixes !== undefined && request.blocks.length > 0) {
    gatherKnowing(placer, prefixes, request, isSampled);
    const first = candidates[0];
    if (first !== undefined) {
      keepWarm(candidates, request.inputTokens, book.limits(first.endpoint).rates.prefillMs, placer.affinity);
      return candidates.length;
    }
    if (!isSampled) return 0;
  }
  if (isSampled) addSample(placer, request);
  if (candidates.length > 0) return candidates.length;
  for (let index = 0; index < room.open; index += 1) {
    addCandidate(placer, room.endpoints[index] as number, request.inputTokens);
  }
  return candidates.length;
}

/** Adds those that have room, with what each knows of the prompt. Of a large pool: those that know anything of it, and some others. */
function gatherKnowing(placer: Placer, prefixes: PrefixIndex, request: ScheduledRequest, isSampled: boolean): void {
  const { room, candidates, knowing } = placer;
  const { inputTokens, blocks } = request;
  const known = prefixes.findKnowing(blocks, room.endpoints, room.open, knowing);
  if (isSampled) {
    for (let index = 0; index < known; index += 1) {
      const endpoint = knowing[index] as number;
      const uncachedTokens = uncachedTokensAt(placer, endpoint, request);
      if (uncachedTokens < inputTokens) addCandidate(placer, endpoint, uncachedTokens);
    }
    if (candidates.length > 0) addSample(placer, request);
    return;
  }
  let next = 0;
  for (let index = 0; index < room.open; index += 1) {
    const endpoint = room.endpoints[index] as number;
    const isKnowing = next < known && knowing[next] === endpoint;
    if (isKnowing) next += 1;
    addCandidate(placer, endpoint, isKnowing ? uncachedTokensAt(placer, endpoint, request) : inputTokens);
  }
}

/** Adds some that have room, drawn evenly from all that are open: every n-th from a random one on. Those that know the prompt are there already. */
function addSample(placer: Placer, request: ScheduledRequest): void {
  const { room, candidates } = placer;
  const known = candidates.length;
  const stride = Math.floor(room.open / SAMPLE);
  const from = Math.floor(placer.random() * room.open);
  for (let drawn = 0; drawn < SAMPLE; drawn += 1) {
    const endpoint = room.endpoints[(from + drawn * stride) % room.open] as number;
    if (!isAmong(candidates, known, endpoint)) addCandidate(placer, endpoint, request.inputTokens);
  }
}

function isAmong(candidates: readonly PlaceCandidate[], count: number, endpoint: number): boolean {
  for (let index = 0; index < count; index += 1) if (candidates[index]?.endpoint === endpoint) return true;
  return false;
}

function addCandidate(placer: Placer, endpoint: number, uncachedTokens: number): void {
  const { room, need, latencyMs } = placer;
  if (!hasRoom(room, endpoint, need, uncachedTokens)) return;
  const candidate = placer.all[endpoint] as PlaceCandidate;
  if (candidate.seen !== room.seen[endpoint]) refreshCandidate(placer, candidate);
  candidate.uncachedTokens = uncachedTokens;
  candidate.loadAfter = loadWith(candidate, need, uncachedTokens);
  if (latencyMs !== undefined) candidate.latencyMs = latencyMs(endpoint);
  placer.candidates.push(candidate);
}
