// One operation at a time for each key: the start of an instance waits until the stop of its predecessor has swept, because a sweep of
// the tag would take the new process too.

/** Runs work under a key, in the order of the calls. */
export interface KeyedLock {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** As many waiters as callers; a key is forgotten when its last work ends. */
export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>();
  const forget = (key: string, tail: Promise<void>): void => {
    if (tails.get(key) === tail) tails.delete(key);
  };
  return {
    run(key, work) {
      const result = (tails.get(key) ?? Promise.resolve()).then(work, work);
      const tail: Promise<void> = Promise.allSettled([result]).then(() => forget(key, tail));
      tails.set(key, tail);
      return result;
    },
  };
}
