// Many paced streams at once, a process of its own: how many are held without a stall, and what a chunk costs the gateway. All streams
// are open before the interval begins and none ends within it; the system's books are read at its beginning and its end.
import { Agent, request, type ClientRequest } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { CallTarget } from "../candidates/candidate.ts";
import { cpuMicroseconds } from "../machine/accounting.ts";
import { WORD_NUMBERS } from "../upstream/answers.ts";
import type { AnswerKind } from "../upstream/answer-kind.ts";
import { requestBody, requestHeaders } from "./request-body.ts";

/** What to do. */
export interface StreamsQuestion {
  readonly target: CallTarget;
  readonly kind: AnswerKind;
  readonly paceMs: number;
  readonly streams: number;
  readonly durationMs: number;
  readonly pids: readonly number[];
}

/** What came of it. */
export interface StreamsAnswer {
  /** Streams that had a first word, no word out of order and no gap above five times the pace. */
  readonly held: number;
  /** Streams that ended too early or with a wrong word. */
  readonly failed: number;
  readonly chunks: number;
  readonly cpuUsPerChunk: number;
  /** Words that came in the same piece as the word before them, of all words. */
  readonly coalescedShare: number;
  readonly maxGapMs: number;
  /** The client's own longest pause: gaps below it may be its fault. */
  readonly clientPauseMs: number;
}

interface StreamState {
  next: number;
  /** What a word may have begun in. */
  tail: string;
  lastAt: number;
  maxGapMs: number;
  isWrong: boolean;
  readonly outgoing: ClientRequest;
}

const SPREAD_MS = 400;
const FIRST_WORD_LIMIT_MS = 3_000;
const STALL_PACES = 5;
const WORD_LENGTH = "word-000000".length;

/** Runs it. */
export async function runStreams(question: StreamsQuestion): Promise<StreamsAnswer> {
  const { paceMs, durationMs, pids } = question;
  const words = Math.ceil((SPREAD_MS + FIRST_WORD_LIMIT_MS + durationMs) / paceMs) + 100;
  const agent = new Agent({ keepAlive: true });
  const tally = { chunks: 0, coalesced: 0 };
  const streams: StreamState[] = [];
  for (let index = 0; index < question.streams; index += 1) {
    streams.push(openStream({ question, words, index, agent, tally }));
    await delay(SPREAD_MS / question.streams);
  }
  const deadline = performance.now() + FIRST_WORD_LIMIT_MS;
  while (streams.some(({ next }) => next === 0) && performance.now() < deadline) await delay(5);
  const pauses = monitorEventLoopDelay({ resolution: 1 });
  pauses.enable();
  for (const stream of streams) stream.maxGapMs = 0;
  Object.assign(tally, { chunks: 0, coalesced: 0 });
  const before = cpuMicroseconds(pids);
  await delay(durationMs);
  const used = cpuMicroseconds(pids) - before;
  const { chunks, coalesced } = tally;
  const now = performance.now();
  // A stream that stopped has its gap still open.
  const gaps = streams.map((stream) => Math.max(stream.maxGapMs, now - stream.lastAt));
  const wrong = streams.map((stream) => stream.isWrong || stream.next === 0);
  for (const { outgoing } of streams) outgoing.destroy();
  return {
    held: gaps.filter((gap, index) => gap <= STALL_PACES * paceMs && !wrong[index]).length,
    failed: wrong.filter(Boolean).length,
    chunks,
    cpuUsPerChunk: pids.length === 0 || chunks === 0 ? Number.NaN : used / chunks,
    coalescedShare: coalesced / chunks,
    maxGapMs: Math.max(...gaps),
    clientPauseMs: pauses.max / 1e6,
  };
}

function openStream(options: {
  readonly question: StreamsQuestion;
  readonly words: number;
  readonly index: number;
  readonly agent: Agent;
  readonly tally: { chunks: number; coalesced: number };
}): StreamState {
  const { question, words, index, agent, tally } = options;
  const { target, kind } = question;
  const body = requestBody(kind, target.models[index % target.models.length] as string, words);
  const headers = requestHeaders(target, body, index);
  const outgoing = request(target.url, { method: "POST", agent, headers }, (response) => {
    response.on("data", (piece: Buffer) => onPiece(state, piece.toString("latin1"), tally));
    response.on("close", () => (state.isWrong = true));
    response.on("error", () => undefined);
  });
  const state: StreamState = { next: 0, tail: "", lastAt: performance.now(), maxGapMs: 0, isWrong: false, outgoing };
  outgoing.on("error", () => (state.isWrong = true));
  outgoing.end(body);
  return state;
}

function onPiece(state: StreamState, piece: string, tally: { chunks: number; coalesced: number }): void {
  const text = state.tail + piece;
  state.tail = text.slice(1 - WORD_LENGTH);
  let found = 0;
  for (const [, number] of text.matchAll(WORD_NUMBERS)) {
    if (Number(number) !== state.next) state.isWrong = true;
    state.next += 1;
    found += 1;
  }
  if (found === 0) return;
  const now = performance.now();
  if (state.next > found) state.maxGapMs = Math.max(state.maxGapMs, now - state.lastAt);
  state.lastAt = now;
  tally.chunks += found;
  tally.coalesced += found - 1;
}
