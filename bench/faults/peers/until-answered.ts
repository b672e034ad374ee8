// Waits for the first good answer.
import { setTimeout as delay } from "node:timers/promises";

const LIMIT_MS = 60_000;
const PAUSE_MS = 50;

/** Asks until the answer is 200; throws after a minute. */
export async function untilAnswered(url: string): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  for (;;) {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    await response?.text().catch(() => undefined);
    if (response?.status === 200) return;
    if (performance.now() > limit) throw new Error(`${url} did not answer within ${LIMIT_MS / 1_000} s`);
    await delay(PAUSE_MS);
  }
}
