// A store of leases in memory: the arithmetic of the book behind a connection whose answers take as long as a test says, in order.
import type { Clock } from "@flyball/core";
import { createLeaseBook, leaseFromBook, type LeaseBook } from "@flyball/traffic";
import { LEASE_TTL_MS, type ConnectLeaseStore, type LeaseListener, type Report } from "../lease-store.ts";

/** The store, for any number of gateways. */
export interface BookLeaseStore {
  readonly connect: ConnectLeaseStore;
  /** Every report, in the order in which they came. */
  readonly reports: Report[];
  /** Reports without an answer now. */
  readonly underWay: number;
  /** The most that were at once. */
  readonly mostUnderWay: number;
}

/** Creates it; `answerMs` is asked before each answer. */
export function createBookLeaseStore(clock: Clock, answerMs: () => number): BookLeaseStore {
  const books = new Map<string, LeaseBook>();
  const beats = new Map<string, number>();
  const listeners = new Set<LeaseListener>();
  const reports: Report[] = [];
  let underWay = 0;
  let mostUnderWay = 0;
  const endedAt = (gateway: string): number | undefined => {
    const end = (beats.get(gateway) ?? Number.NEGATIVE_INFINITY) + LEASE_TTL_MS;
    return end <= clock.now() ? end : undefined;
  };
  const bookOf = (name: string): LeaseBook => {
    const book = books.get(name) ?? createLeaseBook();
    books.set(name, book);
    return book;
  };
  return {
    reports,
    get underWay() {
      return underWay;
    },
    get mostUnderWay() {
      return mostUnderWay;
    },
    async connect(listener) {
      listeners.add(listener);
      let lastAt = 0;
      /** Half of the time there, half of it back, never before the answer to what was asked before. */
      const answer = async <Answer>(make: () => Answer): Promise<Answer> => {
        const dueAt = Math.max(lastAt, clock.monotonic() + answerMs());
        lastAt = dueAt;
        const waitMs = (dueAt - clock.monotonic()) / 2;
        await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
        const made = make();
        await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
        return made;
      };
      return {
        beat: ({ gateway }) =>
          answer(() => {
            const wasAlive = beats.has(gateway) && endedAt(gateway) === undefined;
            beats.set(gateway, clock.now());
            return { epoch: "e", gateways: beats.size, settlingMs: 0, wasAlive };
          }),
        async report(report) {
          reports.push(report);
          underWay += 1;
          mostUnderWay = Math.max(mostUnderWay, underWay);
          const { gateway, limits } = report;
          const grants = await answer(() =>
            limits.map(({ name, lease }) => leaseFromBook(bookOf(name), lease, { gateway, now: clock.now(), endedAt })),
          );
          underWay -= 1;
          return { kind: "granted", grants };
        },
        recall: (gateway, names) =>
          answer(() => {
            for (const each of listeners) each.onRecall([gateway, ...names]);
          }),
        leave: async (gateway) => void beats.delete(gateway),
        destroy: () => void listeners.delete(listener),
      };
    },
  };
}
