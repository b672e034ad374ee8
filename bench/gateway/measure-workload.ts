// Does one workload to one running candidate and names what came of it: `<workload>.<measure>`.
import type { Bench } from "./bench.ts";
import type { RunningCandidate } from "./candidates/candidate.ts";
import type { OpenLoopAnswer, OpenLoopQuestion } from "./load/run-open-loop.ts";
import type { StreamsAnswer, StreamsQuestion } from "./load/run-streams.ts";
import { runWrk } from "./load/run-wrk.ts";
import { askRole } from "./role.ts";
import { FIRST_CHUNK_WORDS, type Workload } from "./workload.ts";

/** Measures by name. NaN: not to be had from this candidate. */
export type Measures = Readonly<Record<string, number>>;

/** Does it. */
export async function measureWorkload(
  { bench, wrk }: { readonly bench: Bench; readonly wrk: string },
  running: RunningCandidate,
  workload: Workload,
): Promise<Measures> {
  const { id, kind, load } = workload;
  const common = { target: running.target(kind), kind, pids: running.servingPids() };
  switch (load) {
    case "closed": {
      const { perSecond, cpuUs, failed } = await runWrk(bench, wrk, { running, ...workload });
      return named(id, { perSecond, cpuUs, failed });
    }
    case "open": {
      const { perSecond, warmUpMs, durationMs } = workload;
      const question: OpenLoopQuestion = { ...common, perSecond, warmUpMs, durationMs, words: FIRST_CHUNK_WORDS };
      return named(id, { ...(await askRole<OpenLoopAnswer>(bench, "open-loop", question)) });
    }
    case "streams": {
      const { streams, paceMs, durationMs } = workload;
      const question: StreamsQuestion = { ...common, streams, paceMs, durationMs };
      return named(id, { ...(await askRole<StreamsAnswer>(bench, "streams", question)) });
    }
    default:
      throw new Error(`no such load: ${String(load satisfies never)}`);
  }
}

function named(id: string, measures: Measures): Measures {
  return Object.fromEntries(Object.entries(measures).map(([name, value]) => [`${id}.${name}`, value]));
}
