// Gives the gateway a new snapshot when something that it serves has changed: first to the file (for a gateway that starts while
// control is away), then to every link.
import type { Snapshot } from "@flyball/core";
import { replaceFileSync } from "@flyball/wire";
import { readFileSync } from "node:fs";
import type { ControlContext } from "../control-context.ts";
import { liveKeys } from "../keys/live-keys.ts";
import { ejectedHandles } from "../recover/ejected-handles.ts";
import { buildSnapshot } from "./build-snapshot.ts";
import { knownSpending, withSpending } from "./known-spending.ts";

/** The store's key of the last version, so that versions rise over restarts of control. */
export const SNAPSHOT_VERSION_KEY = "snapshot-version";

/** Publishes when the content differs from what was published last. */
export function publishSnapshot(context: ControlContext, snapshotFile: string): void {
  const { state } = context;
  const spec = context.effective()?.spec;
  if (spec === undefined || state.revision === undefined || state.bound.size === 0) return;
  state.liveKeys = liveKeys({ keys: state.keys, spec, now: context.clock.now() }, state.liveKeys);
  const content = buildSnapshot({
    spec,
    revision: state.revision.number,
    bound: state.bound,
    instances: state.table.all(),
    keySecret: context.settings.keySecret,
    ejected: ejectedHandles(context),
    keys: state.liveKeys,
  });
  if (content.hash === state.snapshotHash) return;
  state.snapshotVersion += 1;
  state.snapshotHash = content.hash;
  const snapshot = withSpending({ ...content, version: state.snapshotVersion }, knownSpending(context));
  context.store.meta.put(SNAPSHOT_VERSION_KEY, String(state.snapshotVersion));
  state.newestSnapshot = snapshot;
  try {
    keepSnapshotFile(context, snapshotFile);
  } catch {
    // The gateways that run get it all the same; the file is tried again, and the failure told, at the end of each pass.
  }
  context.links.publish(snapshot);
}

/**
 * A gateway that starts while control is away must find a snapshot that can be served: the newest, or while that is refused the one before it.
 * FB_STATE_UNWRITABLE.
 */
export function keepSnapshotFile({ state, links }: ControlContext, snapshotFile: string): void {
  const wanted = (state.refusal === undefined ? undefined : links.served()) ?? state.newestSnapshot;
  if (wanted === undefined || state.fileVersion === wanted.version) return;
  replaceFileSync(snapshotFile, JSON.stringify(wanted));
  state.fileVersion = wanted.version;
}

/** The snapshot of the file; undefined when there is none or it cannot be read. */
export function readStoredSnapshot(snapshotFile: string): Snapshot | undefined {
  try {
    return JSON.parse(readFileSync(snapshotFile, "utf8")) as Snapshot;
  } catch {
    return undefined;
  }
}
