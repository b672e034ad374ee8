// Waits for all of several operations before it tells of a failure, so that none goes on unseen.

/** Resolves when all have ended; throws the first failure in the order given. */
export async function settleAll(work: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
