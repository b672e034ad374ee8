import { createUsualTime } from "@flyball/traffic";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AttemptLimits, AttemptPhase } from "../stages/attempt-limits.ts";
import type { UpstreamCall } from "../upstream/upstream.ts";
import { enterList, leaveList, lookAtWaits, moveAll, RunningAttempt, type RunningList } from "./running-attempts.ts";

/** Bounds of one second, and of three for silences of streams. */
const STREAM = {
  firstByte: createUsualTime({ floorMs: 1_000 }),
  silence: createUsualTime({ floorMs: 3_000 }),
  heard: undefined,
};
const PLAIN = { ...STREAM, silence: undefined };
const emptyList = (): RunningList => ({ oldest: undefined, youngest: undefined });
const moved: number[] = [];

function attempt(
  phase: AttemptPhase,
  enteredAt: number,
  {
    usual = STREAM,
    ticket = 0,
    isWritten = true,
  }: { usual?: typeof STREAM | typeof PLAIN; ticket?: number; isWritten?: boolean } = {},
): RunningAttempt {
  const running = new RunningAttempt(ticket, usual, { onStuck: () => void moved.push(ticket) });
  running.limits = { phase, enteredAt } as AttemptLimits;
  running.call = { isWritten } as UpstreamCall;
  return running;
}

function listOf(...attempts: readonly RunningAttempt[]): RunningList {
  const list = emptyList();
  for (const each of attempts) enterList(list, each);
  return list;
}

describe("what waits at an endpoint", () => {
  it("is measured from the beginning of its present phase, by the bound of that", () => {
    const list = listOf(
      attempt("first-byte", 0),
      attempt("first-token", 4_500),
      attempt("connect", 3_000),
      attempt("gap", 1_000),
      attempt("gap", 3_000),
    );
    expect(lookAtWaits(list, 5_000, -1)).toEqual({
      count: 5,
      oldestWaitMs: 5_000,
      stuck: 2,
      oldestSilenceMs: 4_000,
      stuckStreams: 1,
      leastBoundMs: 1_000,
      strainedMs: 5_000,
      isTicketStuck: false,
      isTicketLate: false,
    });
  });

  it("is strained from a third of its bound on, and of what is not known yet from a third of the least that it could be", () => {
    const strainedAfter = (ms: number, running: RunningAttempt): boolean =>
      lookAtWaits(listOf(running), ms, -1).strainedMs > 0;
    expect([330, 340].map((ms) => strainedAfter(ms, attempt("first-byte", 0)))).toEqual([false, true]);
    const unknown = { ...PLAIN, firstByte: createUsualTime({ floorMs: 600, unknownMs: 60_000 }) };
    expect([190, 210].map((ms) => strainedAfter(ms, attempt("first-byte", 0, { usual: unknown })))).toEqual([
      false,
      true,
    ]);
  });

  it("is not what its client, or nobody, is waited for", () => {
    const list = listOf(
      attempt("rest", 0),
      attempt("first-byte", 0, { isWritten: false }),
      attempt("gap", 0, { usual: PLAIN }),
    );
    expect(lookAtWaits(list, 60_000, -1)).toMatchObject({ count: 3, oldestWaitMs: 0, stuck: 0, stuckStreams: 0 });
    expect(lookAtWaits(emptyList(), 60_000, -1)).toMatchObject({ count: 0, stuck: 0 });
  });

  it("tells whether a certain one is among those beyond their bound", () => {
    const list = listOf(attempt("first-byte", 0, { ticket: 3 }), attempt("first-byte", 1_900, { ticket: 4 }));
    expect(lookAtWaits(list, 2_000, 3).isTicketStuck).toBe(true);
    expect(lookAtWaits(list, 2_000, 4).isTicketStuck).toBe(false);
  });

  it("is moved, all that waits for the endpoint and nothing else, although the list shrinks meanwhile", () => {
    const list = emptyList();
    const all = [
      attempt("first-byte", 0, { ticket: 1 }),
      attempt("rest", 0, { ticket: 2 }),
      attempt("gap", 0, { ticket: 3 }),
      attempt("connect", 0, { ticket: 4 }),
    ];
    for (const each of all) {
      enterList(list, each);
      each.movable.onStuck = () => {
        moved.push(each.ticket);
        leaveList(list, each);
      };
    }
    moved.length = 0;
    moveAll(list, "silent");
    expect(moved).toEqual([1, 3, 4]);
    expect([list.oldest, list.youngest]).toEqual([all[1], all[1]]);
  });

  it("property: the list holds who has entered and not left, oldest first, in any order of leaving", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 60 }), (steps) => {
        const list = emptyList();
        let expected: RunningAttempt[] = [];
        for (const step of steps) {
          if (step >= 0) {
            const fresh = attempt("connect", step);
            enterList(list, fresh);
            expected.push(fresh);
          } else {
            const leaving = expected[-step % Math.max(1, expected.length)];
            if (leaving === undefined) continue;
            leaveList(list, leaving);
            leaveList(list, leaving);
            expected = expected.filter((each) => each !== leaving);
          }
          const [there, back]: RunningAttempt[][] = [[], []];
          for (let at = list.oldest; at !== undefined; at = at.younger) there?.push(at);
          for (let at = list.youngest; at !== undefined; at = at.older) back?.unshift(at);
          expect(there).toEqual(expected);
          expect(back).toEqual(expected);
        }
      }),
    );
  });
});
