// Which revisions were reached: every service ran as the revision says, and the gateway served it. One that failed is nothing to go back to.
import type { Revision } from "@flyball/core";
import type { Store } from "../store/store.ts";

const KEY = "reached-revisions";
/** The oldest is forgotten beyond; it can still be named in `flyball rollback N`. */
const MAX_KEPT = 1_000;

/** The newest revision that was reached; undefined when none was. */
export function lastReached(store: Store): number | undefined {
  return reachedRevisions(store).at(-1);
}

/** Notes that a revision was reached. */
export function noteReached(store: Store, number: number): void {
  const others = reachedRevisions(store).filter((reached) => reached !== number);
  store.meta.put(KEY, JSON.stringify([...others, number].slice(-MAX_KEPT)));
}

/** Where a rollback goes: the newest revision before the current one that was reached and says something else. */
export function revisionToGoBackTo(store: Store, current: Revision | undefined): Revision | undefined {
  for (const number of reachedRevisions(store).toReversed()) {
    const revision = number === current?.number ? undefined : store.revisions.get(number);
    if (revision !== undefined && revision.hash !== current?.hash) return revision;
  }
  return undefined;
}

function reachedRevisions(store: Store): readonly number[] {
  return JSON.parse(store.meta.get(KEY) ?? "[]") as readonly number[];
}
