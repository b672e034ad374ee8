// What an answer of HTTP means, and what one of a chat's robots means: those say 200 and put their verdict into the body.
import type { DeliveryOutcome, HookAnswer } from "./channel.ts";

const MOST_WORDS = 200;
/** Robots take 20 messages a minute. */
const ROBOT_PAUSE_MS = 60_000;

/** By status: success, later again, or never in this form. A redirect is no success: it is not followed. */
export function judgeStatus(answer: HookAnswer, now: number): DeliveryOutcome {
  const { status, retryAfter } = answer;
  const words = `${status} ${oneLine(answer.body)}`.trim();
  if (status >= 200 && status < 300) return { kind: "delivered", answer: words };
  if (status < 500 && status !== 408 && status !== 425 && status !== 429) return { kind: "refused", answer: words };
  const waitMs = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, now);
  return { kind: "failed", reason: words, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) };
}

/** Where the verdict of a robot stands. */
export interface RobotVerdict {
  /** Fields that hold the code, the first that is there counts; 0 is success. */
  readonly code: readonly string[];
  readonly text: readonly string[];
  /** Codes that mean: later. */
  readonly later: readonly number[];
}

/** By status, then by the code in the body. */
export function judgeRobot(answer: HookAnswer, now: number, verdict: RobotVerdict): DeliveryOutcome {
  const byStatus = judgeStatus(answer, now);
  const body = parseObject(answer.body);
  const code = verdict.code.map((field) => body[field]).find((value) => typeof value === "number");
  if (code === undefined) {
    return byStatus.kind === "delivered" ? { kind: "refused", answer: `no verdict in ${byStatus.answer}` } : byStatus;
  }
  const text = verdict.text.map((field) => body[field]).find((value) => typeof value === "string") ?? "";
  const words = oneLine(`${code} ${text}`);
  if (code === 0) return { kind: "delivered", answer: words };
  if (verdict.later.includes(code)) return { kind: "failed", reason: words, retryAfterMs: ROBOT_PAUSE_MS };
  return byStatus.kind === "failed" ? byStatus : { kind: "refused", answer: words };
}

/** Seconds or a date (RFC 9110 §10.2.3); undefined for anything else. */
function parseRetryAfter(text: string, now: number): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function parseObject(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\s]+/gu, " ").trim();
  return line.length <= MOST_WORDS ? line : `${line.slice(0, MOST_WORDS)}…`;
}
