// The fault that examples/qa is made to survive: questions at a steady pace while one `language` instance is killed every few seconds.
// Used by the test and by bench/qa-kills.ts, so both measure the same thing.
import type { Incident, InstanceStatus } from "@flyball/core";
import { setTimeout as delay } from "node:timers/promises";
import type { AppRig } from "./app-rig.ts";
import { openGatewayPages, type GatewayPages } from "./gateway-pages.ts";
import { startOpenLoop } from "./open-loop.ts";
import { unknownQuestions } from "./qa-questions.ts";
import { sendRequest, type Reply } from "./send-request.ts";

/** One kill with its proof. */
export interface Kill {
  readonly instance: string;
  /** Requests that the gateway had in flight at the instance when it was killed. */
  readonly inFlight: number;
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
  readonly incidents: readonly Incident[];
  readonly worstLatenessMs: number;
}

const PER_SECOND = 50;
const KILL_EVERY_MS = 4_000;
const FIRST_KILL_MS = 2_000;
const MOMENT_LIMIT_MS = 10_000;
const ANSWER_LIMIT_MS = 20_000;
const RECOVERY_LIMIT_MS = 30_000;

/** Runs the load for `durationMs` with a kill each four seconds; resolves when every incident has recovered. */
export async function killLanguageUnderLoad(rig: AppRig, options: { readonly durationMs: number }): Promise<KillRun> {
  const pages = await openGatewayPages(rig);
  const url = `${await rig.url("question")}/ask`;
  const questions = unknownQuestions();
  if ((options.durationMs * PER_SECOND) / 1_000 > questions.length) throw new Error("not enough different questions");
  const before = (await rig.incidents()).length;
  const startedAt = performance.now();
  const loop = startOpenLoop({ perSecond: PER_SECOND, send: (index) => ask(url, questions[index % questions.length] ?? "") });
  const kills = await killRepeatedly(rig, pages, startedAt, options.durationMs);
  await delay(Math.max(0, startedAt + options.durationMs - performance.now()));
  const asked = await loop.stop();
  await rig.until("every incident has recovered", async () => isCalm(await rig.incidents(), before + kills.length), RECOVERY_LIMIT_MS);
  return {
    asked,
    failed: asked.filter((reply) => answerSource(reply) === undefined),
    throughLanguage: asked.filter((reply) => ["model", "none"].includes(answerSource(reply) ?? "")).length / asked.length,
    kills,
    incidents: (await rig.incidents()).slice(0, kills.length),
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

async function killRepeatedly(rig: AppRig, pages: GatewayPages, startedAt: number, durationMs: number): Promise<readonly Kill[]> {
  const kills: Omit<Kill, "attemptsLost">[] = [];
  const lost = [await attemptsLost(pages)];
  for (let dueMs = FIRST_KILL_MS; dueMs < durationMs; dueMs += KILL_EVERY_MS) {
    await delay(Math.max(0, startedAt + dueMs - performance.now()));
    if (kills.length > 0) lost.push(await attemptsLost(pages));
    kills.push(await killBusyInstance(rig, pages, kills.length));
  }
  await delay(1_000);
  lost.push(await attemptsLost(pages));
  return kills.map((kill, index) => ({ ...kill, attemptsLost: (lost[index + 1] ?? 0) - (lost[index] ?? 0) }));
}

/**
 * Kills the instances in turn, each at a moment at which it works on requests (on two at once if that comes soon) and another instance
 * is ready.
 */
async function killBusyInstance(rig: AppRig, pages: GatewayPages, turn: number): Promise<Omit<Kill, "attemptsLost">> {
  const dueAt = performance.now();
  while (performance.now() - dueAt < MOMENT_LIMIT_MS) {
    const ready = (await rig.instances("language")).filter(({ state }) => state === "ready");
    const victim = ready[turn % ready.length];
    if (ready.length < 2 || victim?.pid == null) {
      await delay(10);
      continue;
    }
    const wanted = performance.now() - dueAt < 500 ? 2 : 1;
    const inFlight = loadOf(victim, await pages.endpoints("language"));
    if (inFlight < wanted) continue;
    process.kill(victim.pid, "SIGKILL");
    return { instance: victim.instance, inFlight };
  }
  throw new Error(`no language instance with a request in flight beside another ready one within ${MOMENT_LIMIT_MS} ms`);
}

function loadOf(instance: InstanceStatus, endpoints: Awaited<ReturnType<GatewayPages["endpoints"]>>): number {
  return endpoints.find(({ address }) => address.endsWith(`:${instance.port}`))?.inFlight ?? 0;
}

function attemptsLost(pages: GatewayPages): Promise<number> {
  return pages.count("flyball_attempts_total", { pool: "language", outcome: "reset" });
}

function isCalm(incidents: readonly Incident[], atLeast: number): boolean {
  return incidents.length >= atLeast && incidents.every(({ state }) => state === "recovered" || state === "closed");
}
