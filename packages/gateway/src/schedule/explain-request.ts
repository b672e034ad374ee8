// What this worker can tell of a request: what it remembers, and where it stands while it waits.
import type { WorkerContext } from "../worker/worker-context.ts";
import { writeExplanation } from "./explanation.ts";

/** undefined: the request is not known here. */
export async function explainRequest(
  { schedule, workerIndex }: WorkerContext,
  requestId: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const found = schedule?.explained.find(requestId);
  if (schedule === undefined || found === undefined) return undefined;
  const { waits } = found;
  const standing = waits && (await schedule.arbiter.explain(waits.queue.number, waits.queued.request.id));
  return writeExplanation(workerIndex, found, standing);
}
