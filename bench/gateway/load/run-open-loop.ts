// The open loop, a process of its own: requests are sent when they are due, at random distances, whether or not earlier ones were
// answered, and every time counts from the moment the request was due. So a gateway that stops for a while cannot hide it.
import { Agent } from "node:http";
import { Worker } from "node:worker_threads";
import { seededRandom } from "@flyball/fakes";
import { percentile } from "../../support/report.ts";
import type { CallTarget } from "../candidates/candidate.ts";
import { cpuMicroseconds } from "../machine/accounting.ts";
import { answerKinds, type AnswerKind } from "../upstream/answer-kind.ts";
import { callOnce, monotonicMs, type Call } from "./call-once.ts";
import { expectedText, requestBody, requestHeaders } from "./request-body.ts";
import type { TickerData } from "./ticker.ts";

/** What to do. */
export interface OpenLoopQuestion {
  readonly target: CallTarget;
  readonly kind: AnswerKind;
  readonly perSecond: number;
  /** Sent before anything is counted. */
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** Length of a stream. */
  readonly words: number;
  /** Whose CPU time is counted. */
  readonly pids: readonly number[];
}

/** What came of it; times in milliseconds since the request was due. */
export interface OpenLoopAnswer {
  readonly requests: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
  /** Until the first byte of the body. */
  readonly firstP50: number;
  readonly firstP99: number;
  /** How late the client itself sent. */
  readonly lateP50: number;
  readonly lateP99: number;
  readonly cpuUs: number;
}

const SEED = 7;
const LEAD_MS = 20;
/** Requests that are not answered so long after the last was due have failed. */
const PATIENCE_MS = 5_000;

/** Runs it. */
export async function runOpenLoop(question: OpenLoopQuestion): Promise<OpenLoopAnswer> {
  const { perSecond, warmUpMs, durationMs } = question;
  const random = seededRandom(SEED);
  const count = Math.round(((warmUpMs + durationMs) / 1000) * perSecond);
  const gapsMs = Array.from({ length: count }, () => (-Math.log(1 - random()) * 1000) / perSecond);
  const data: TickerData = { firstAtMs: monotonicMs() + LEAD_MS, gapsMs };
  const countFrom = data.firstAtMs + warmUpMs;
  const calls = prepareCalls(question);
  const [times, firsts, lates]: [number[], number[], number[]] = [[], [], []];
  let [sent, failed, answered, cpuBefore] = [0, 0, 0, Number.NaN];
  await new Promise<void>((resolve) => {
    let patience: NodeJS.Timeout | undefined;
    const ticker = new Worker(new URL("ticker.ts", import.meta.url), { workerData: data });
    const finish = (): void => {
      clearTimeout(patience);
      resolve();
    };
    ticker.on("message", (dueAtMs: number) => {
      const call = calls[sent % calls.length] as Call;
      const isCounted = dueAtMs >= countFrom;
      if (isCounted && Number.isNaN(cpuBefore)) cpuBefore = cpuMicroseconds(question.pids);
      sent += 1;
      if (sent === count) patience = setTimeout(finish, PATIENCE_MS);
      if (isCounted) lates.push(monotonicMs() - dueAtMs);
      callOnce(call, ({ isRight, firstAtMs, endAtMs }) => {
        answered += 1;
        if (isCounted && isRight) {
          times.push(endAtMs - dueAtMs);
          firsts.push(firstAtMs - dueAtMs);
        } else if (!isRight) failed += 1;
        if (answered === count) finish();
      });
    });
  });
  const used = cpuMicroseconds(question.pids) - cpuBefore;
  return {
    requests: times.length,
    failed: failed + count - answered,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    firstP50: percentile(firsts, 0.5),
    firstP99: percentile(firsts, 0.99),
    lateP50: percentile(lates, 0.5),
    lateP99: percentile(lates, 0.99),
    cpuUs: question.pids.length === 0 ? Number.NaN : used / lates.length,
  };
}

function prepareCalls({ target, kind, words }: OpenLoopQuestion): readonly Call[] {
  const agent = new Agent({ keepAlive: true });
  const expected = answerKinds[kind].isStream ? words : expectedText(kind);
  const url = new URL(target.url);
  const bodies = target.models.map((model) => requestBody(kind, model, words));
  return Array.from({ length: Math.max(bodies.length, target.keys.length) }, (_, index) => {
    const body = bodies[index % bodies.length] as string;
    return { url, agent, headers: requestHeaders(target, body, index), body, expected };
  });
}
