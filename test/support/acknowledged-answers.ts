// A client of examples/qa's database that stores answers and approves every other one, each until it is acknowledged, and remembers what was.
// The same answer sent again is no second one, so it may be sent again after any failure.
import { setTimeout as delay } from "node:timers/promises";
import { startOpenLoop } from "./open-loop.ts";
import { sendRequest, type Reply } from "./send-request.ts";

/** What the database has promised to have. */
export interface AcknowledgedAnswer {
  readonly question: string;
  readonly answer: string;
  readonly isApproved: boolean;
}

/** Writing that goes on until `stop`. */
export interface AnswerWriting {
  /** So far. */
  readonly acknowledged: readonly AcknowledgedAnswer[];
  /** Attempts that were not acknowledged, by status or error. */
  readonly failures: ReadonlyMap<string, number>;
  /** Begins nothing new and resolves when everything begun is acknowledged. */
  stop(): Promise<void>;
}

const LIMIT_MS = 4_000;
const PAUSE_MS = 100;
const JSON_HEADERS = { "content-type": "application/json" };

/** Starts writing; the database's URL is asked for before each attempt, as it may have moved. */
export function startAnswerWriting(databaseUrl: () => Promise<string>, perSecond: number): AnswerWriting {
  const acknowledged: AcknowledgedAnswer[] = [];
  const failures = new Map<string, number>();
  const insist = async (path: string, body: unknown, status: number): Promise<Reply> => {
    for (;;) {
      const reply = await post(databaseUrl, path, body);
      if (reply.status === status) return reply;
      const why = reply.failure ?? String(reply.status);
      failures.set(why, (failures.get(why) ?? 0) + 1);
      await delay(PAUSE_MS);
    }
  };
  const loop = startOpenLoop({
    perSecond,
    async send(index) {
      const answer = { question: `Is number ${index} kept?`, answer: `Number ${index} is kept.`, model: "test" };
      const { body } = await insist("/answers", answer, 201);
      const isApproved = index % 2 === 0;
      if (isApproved) {
        const { id } = JSON.parse(body) as { id: number };
        await insist(`/candidates/${id}/approve`, {}, 200);
      }
      acknowledged.push({ question: answer.question, answer: answer.answer, isApproved });
    },
  });
  return { acknowledged, failures, stop: () => loop.stop().then(() => undefined) };
}

async function post(databaseUrl: () => Promise<string>, path: string, body: unknown): Promise<Reply> {
  const url = await databaseUrl().catch(() => undefined);
  if (url === undefined) return { startedAt: 0, endedAt: 0, body: "", failure: "NO_APP" };
  const sent = { method: "POST", headers: JSON_HEADERS, body: JSON.stringify(body), limitMs: LIMIT_MS };
  return await sendRequest({ url: `${url}${path}`, ...sent });
}
