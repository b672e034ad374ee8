// Undoes what is left of drills that are gone: every record whose owner does not run or whose lease is over.
import { isProcessAlive, sweepUnfinished } from "@flyball/wire";
import { listRecords, readRecord, removeRecord } from "./fault-record.ts";
import { undoSteps } from "./undo-steps.ts";

/** What was undone. */
export interface SweptFault {
  readonly fault: string;
  /** Wall milliseconds at which its lease ends, or ended. */
  readonly until: number;
  /** Why it could not be undone; absent: it was. The record stays then. */
  readonly failure?: string;
}

/** Looks through the folder of an app. Faults of a drill that runs are left alone. Call it before each drill and at `up`. */
export async function sweepFaults(folder: string, now: number): Promise<readonly SweptFault[]> {
  const swept: SweptFault[] = [];
  sweepUnfinished(folder);
  for (const path of await listRecords(folder)) {
    const record = await readRecord(path);
    if (!record || (record.until > now && isProcessAlive(record.owner))) continue;
    const { fault, until } = record;
    try {
      await undoSteps(record.steps);
      await removeRecord(path);
      swept.push({ fault, until });
    } catch (error) {
      swept.push({ fault, until, failure: (error as Error).message });
    }
  }
  return swept;
}
