// What a test makes of the thread beside a worker: a body with one of these words ends it, or holds it before it works.
import type { MessagePort } from "node:worker_threads";
import type { ToAside } from "../aside/aside-work.ts";

/** Ends the thread, with the body. */
export const ENDS_THREAD = "the-thread-ends-here";
/** Holds it for a while. */
export const HOLDS_THREAD = "the-thread-is-held";

const HELD_MS = 1_500;

/** To be called before the thread listens itself. */
export function playAside(port: MessagePort): void {
  port.on("message", ({ body }: ToAside) => {
    const bytes = Buffer.from(body);
    if (bytes.includes(ENDS_THREAD)) process.exit(7);
    if (bytes.includes(HOLDS_THREAD)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HELD_MS);
  });
}
