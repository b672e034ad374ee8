// A thread that a test plays: it keeps what it is sent, and answers when it is told to.
import { EventEmitter } from "node:events";
import type { AsideResult, FromAside, ToAside } from "../aside-work.ts";
import type { ThreadHandle } from "../side-thread.ts";

/** What a thread found out, where it does not matter what. */
export const SURVEYED: AsideResult = { kind: "surveyed", survey: { media: undefined, digest: "d" } };

/** One played thread. */
export class PlayedThread extends EventEmitter implements ThreadHandle {
  readonly received: ToAside[] = [];
  isTerminated = false;

  postMessage(message: ToAside, moved: readonly ArrayBuffer[]): void {
    // Moves the memory as a port does.
    this.received.push(structuredClone(message, { transfer: [...moved] }));
  }

  /** Answers what it was sent last, or what is given. */
  answer(message: ToAside | undefined = this.received.at(-1), result: AsideResult = SURVEYED): void {
    if (message === undefined) throw new Error("the thread was sent nothing");
    this.emit("message", { id: message.id, result, body: message.body } satisfies FromAside);
  }

  unref(): void {
    // Nothing keeps a test running.
  }

  terminate(): Promise<number> {
    this.isTerminated = true;
    return Promise.resolve(1);
  }
}
