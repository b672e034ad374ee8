// Hands a model's answers to the database as candidates, after the person has their answer: storing is never waited for
// and its failure never seen by the client. Under load what does not fit is dropped, since the question comes again.
import type { Log } from "../shared/log.ts";
import type { Upstream } from "../shared/upstream.ts";
import { maximumKnownCharacters } from "./find-answer.ts";
import type { Answer } from "./find-answer.ts";

/** Most answers on their way to the database at one time; more are dropped. */
const maximumPending = 32;

/** Stores answers in the background. */
export interface CandidateKeeper {
  keep(answer: Answer): void;
  /** Resolves when nothing is on its way. */
  settle(): Promise<void>;
}

/** `revision` marks the answers with the version of the app that gave them. */
export function createCandidateKeeper(database: Upstream, revision: string | null, log: Log): CandidateKeeper {
  const pending = new Set<Promise<void>>();
  const store = async ({ question, answer, answered_by, sources }: Answer): Promise<void> => {
    const body = { question, answer, model: answered_by, revision, sources };
    const result = await database.call({ method: "POST", path: "/answers", body });
    const status = result.kind === "answered" ? result.status : null;
    if (status !== 201) log.warn("candidate-not-stored", { outcome: result.kind, status });
  };
  return {
    keep: (answer) => {
      if (answer.source !== "model" || Array.from(answer.question).length > maximumKnownCharacters) return;
      if (pending.size >= maximumPending) {
        log.warn("candidate-dropped", { pending: pending.size });
        return;
      }
      const storing = store(answer).finally(() => pending.delete(storing));
      pending.add(storing);
    },
    settle: async () => {
      await Promise.all(pending);
    },
  };
}
