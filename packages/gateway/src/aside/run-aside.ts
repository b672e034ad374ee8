// The body of the thread beside a worker.
import type { MessagePort } from "node:worker_threads";
import type { FromAside, ToAside } from "./aside-work.ts";
import { doWork } from "./do-work.ts";

/** Runs until the thread is ended. */
export function runAside(port: MessagePort): void {
  port.on("message", ({ id, work, body }: ToAside) => {
    const result = doWork(work, Buffer.from(body));
    const moved = [body];
    if (result.kind === "written" && result.written.kind === "translated") moved.push(result.written.value.body.buffer);
    port.postMessage({ id, result, body } satisfies FromAside, moved);
  });
}
