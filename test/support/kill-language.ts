// The fault that examples/qa is made to survive: questions at a steady pace while one `language` instance is killed every few seconds.
// Used by the test and by bench/qa-kills.ts, so both measure the same thing.
import type { Incident } from "@flyball/core";
import { setTimeout as delay } from "node:timers/promises";
import type { AppRig } from "./app-rig.ts";
import { openGatewayPages, type GatewayPages } from "./gateway-pages.ts";
import { killBusyInstance, lostAttempts, type BusyKill } from "./kill-busy-instance.ts";
import { startOpenLoop } from "./open-loop.ts";
import { unknownQuestions } from "./qa-questions.ts";
import { sendRequest, type Reply } from "./send-request.ts";

/** One kill with its proof. */
export interface Kill extends BusyKill {
  /** Attempts at `language` that were cut off from this kill to the next. */
  readonly attemptsLost: number;
}

/** A question with its answer. */
export interface AskedQuestion extends Reply {
  readonly question: string;
}

/** What happened. */
export interface KillRun {
  readonly asked: readonly AskedQuestion[];
  readonly failed: readonly AskedQuestion[];
  /** Share of the questions that were answered through `language`, by the answers themselves. */
  readonly throughLanguage: number;
  readonly kills: readonly Kill[];
  /** Those of the killed instances, all recovered, the newest first. */
  readonly incidents: readonly Incident[];
  readonly worstLatenessMs: number;
}

const PER_SECOND = 50;
const KILL_EVERY_MS = 4_000;
const FIRST_KILL_MS = 2_000;
/** Longer than the good window: a place that is killed again before it has recovered adds to its incident instead of opening another. */
const SETTLED_MS = 2_500;
const ANSWER_LIMIT_MS = 20_000;
const RECOVERY_LIMIT_MS = 30_000;

/** Runs the load for `durationMs` with a kill each four seconds; resolves when every incident has recovered. */
export async function killLanguageUnderLoad(rig: AppRig, options: { readonly durationMs: number }): Promise<KillRun> {
  const pages = await openGatewayPages(rig);
  const url = `${await rig.url("question")}/ask`;
  const questions = unknownQuestions();
  if ((options.durationMs * PER_SECOND) / 1_000 > questions.length) throw new Error("not enough different questions");
  const known = new Set((await exits(rig)).map(({ id }) => id));
  const startedAt = performance.now();
  const loop = startOpenLoop({
    perSecond: PER_SECOND,
    send: (index) => ask(url, questions[index % questions.length] ?? ""),
  });
  const kills = await killRepeatedly(rig, pages, startedAt, options.durationMs);
  await delay(Math.max(0, startedAt + options.durationMs - performance.now()));
  const asked = await loop.stop();
  const fresh = async (): Promise<readonly Incident[]> => (await exits(rig)).filter(({ id }) => !known.has(id));
  await rig.until(
    "every incident has recovered",
    async () => (await fresh()).filter(hasRecovered).length >= kills.length,
    RECOVERY_LIMIT_MS,
  );
  return {
    asked,
    failed: asked.filter((reply) => answerSource(reply) === undefined),
    throughLanguage:
      asked.filter((reply) => ["model", "none"].includes(answerSource(reply) ?? "")).length / asked.length,
    kills,
    incidents: await fresh(),
    worstLatenessMs: loop.worstLatenessMs(),
  };
}

async function ask(url: string, question: string): Promise<AskedQuestion> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams({ question }).toString();
  return { ...(await sendRequest({ url, method: "POST", headers, body, limitMs: ANSWER_LIMIT_MS })), question };
}

/** Where a good answer came from; undefined: it is no good answer. */
function answerSource(reply: Reply): string | undefined {
  if (reply.status !== 200) return undefined;
  try {
    const { answer, source } = JSON.parse(reply.body) as { answer?: unknown; source?: unknown };
    return typeof answer === "string" && answer !== "" && typeof source === "string" ? source : undefined;
  } catch {
    return undefined;
  }
}

async function killRepeatedly(
  rig: AppRig,
  pages: GatewayPages,
  startedAt: number,
  durationMs: number,
): Promise<readonly Kill[]> {
  const kills: BusyKill[] = [];
  const lost = [await lostAttempts(pages, "language")];
  for (let dueMs = FIRST_KILL_MS; dueMs < durationMs; dueMs += KILL_EVERY_MS) {
    await delay(Math.max(0, startedAt + dueMs - performance.now()));
    if (kills.length > 0) lost.push(await lostAttempts(pages, "language"));
    kills.push(await killBusyInstance({ rig, pages, service: "language", turn: kills.length, readyForMs: SETTLED_MS }));
  }
  await delay(1_000);
  lost.push(await lostAttempts(pages, "language"));
  return kills.map((kill, index) => ({ ...kill, attemptsLost: (lost[index + 1] ?? 0) - (lost[index] ?? 0) }));
}

async function exits(rig: AppRig): Promise<readonly Incident[]> {
  return (await rig.incidents()).filter(
    (incident) => incident.subject.service === "language" && incident.class === "process-exit",
  );
}

function hasRecovered({ state }: Incident): boolean {
  return state === "recovered";
}
