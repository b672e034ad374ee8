// Waits for something outside of this process that tells nobody when it happens.

/** Resolves when the condition holds; the test's own limit ends the wait. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => void setTimeout(resolve, 10));
}
