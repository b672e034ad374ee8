// What the gateway would not serve. It goes on with what it has, so nothing fails for clients; but the revision is not reached, and people
// must hear it at once: as an event, in the status, and as the reason of the rollout. A later snapshot that is served ends it.
import { FlyballError, type SnapshotRefusal } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { endpointId, type Instance } from "../observe/instance.ts";

const NEWS_KEY = "snapshot";

/** Works through the refusals of this pass, and forgets one that is over. */
export function absorbRefusals(context: ControlContext): void {
  const { state, links } = context;
  for (const { version, reason } of state.inbox.refusals.splice(0)) {
    // Of an older snapshot: the verdict on the newest is on its way.
    if (version === state.snapshotVersion) state.refusal = refusalOf(state.revision?.number ?? 0, version, reason);
  }
  const { refusal } = state;
  if (refusal === undefined) return;
  if (links.gateways().some(({ snapshotVersion }) => snapshotVersion >= refusal.snapshotVersion)) {
    state.refusal = undefined;
    state.publishedStates.delete(NEWS_KEY);
    return;
  }
  // Each instance that becomes ready makes a snapshot, and each is refused: told once.
  const news = `${refusal.revision} ${refusal.reason}`;
  if (state.publishedStates.get(NEWS_KEY) === news) return;
  state.publishedStates.set(NEWS_KEY, news);
  context.emit({ event: "snapshot-refused", ...refusal });
}

/**
 * Whether an instance must stay although the desired state has no place for it: the gateway refused the newest snapshot and still sends
 * requests here. While control stops the app, nothing is held.
 */
export function isHeldByRefusal(context: ControlContext, instance: Instance | undefined): boolean {
  const { state, links } = context;
  if (state.refusal === undefined || state.isStopping || instance === undefined) return false;
  const pools = links.served()?.pools;
  if (pools === undefined) return true;
  return pools.some(({ id, endpoints }) => endpoints.some((endpoint) => endpoint.id === endpointId(instance, id)));
}

function refusalOf(revision: number, snapshotVersion: number, reason: string): SnapshotRefusal {
  const code = "FB_CONTROL_SNAPSHOT_REFUSED";
  return { revision, snapshotVersion, code, reason, remedy: new FlyballError(code).hint };
}
