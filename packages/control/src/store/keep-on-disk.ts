// The step of the loop that brings to the disk what it did not take before: rows that wait, and the file of the snapshot.
import type { ControlContext } from "../control-context.ts";
import { keepSnapshotFile } from "../snapshot/publish.ts";

const RETRY_MS = 1_000;

/** Does nothing while nothing waits. FB_CONTROL_STORE_UNWRITABLE or FB_STATE_UNWRITABLE, at most once a second. */
export function keepOnDisk(context: ControlContext, snapshotFile: string): void {
  const { state, store, clock } = context;
  const now = clock.monotonic();
  if (now < state.diskRetryAt) return;
  state.diskRetryAt = now + RETRY_MS;
  store.catchUp();
  keepSnapshotFile(context, snapshotFile);
  state.diskRetryAt = 0;
}
