// Contents of revisions that a roll-back took away. They are not taken again by themselves.
import type { Store } from "../store/store.ts";

const KEY = "bad-revisions";
/** The oldest is forgotten beyond. */
const MAX_KEPT = 100;

/** Marks the content. */
export function markBad(store: Store, hash: string): void {
  store.meta.put(KEY, JSON.stringify([...badHashes(store).filter((known) => known !== hash), hash].slice(-MAX_KEPT)));
}

/** A person wants it again. */
export function clearBad(store: Store, hash: string): void {
  if (isBad(store, hash)) store.meta.put(KEY, JSON.stringify(badHashes(store).filter((known) => known !== hash)));
}

/** Whether a roll-back took this content away. */
export function isBad(store: Store, hash: string): boolean {
  return badHashes(store).includes(hash);
}

function badHashes(store: Store): readonly string[] {
  return JSON.parse(store.meta.get(KEY) ?? "[]") as readonly string[];
}
