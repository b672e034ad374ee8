import { beforeEach, describe, expect, it } from "vitest";
import { createFakeClock, seededRandom, type FakeClock } from "@flyball/fakes";
import { NO_LIMIT, type ScheduledRequest } from "@flyball/traffic";
import type { Endpoint } from "../worker/endpoint.ts";
import { bookAtOnce, endBooking, noteFirstToken, noteProgress, type Booking } from "./booking.ts";
import {
  createPoolQueue,
  enterQueue,
  isOwnTurn,
  leaveQueue,
  MAX_WAITING,
  seatEndpoints,
  unparkAll,
  type PoolQueue,
  type QueuedRequest,
} from "./pool-queue.ts";
import { createScheduleBuffers, wrapScheduleMemory } from "./schedule-memory.ts";
import { createWorkerSchedule, tellPools, type WorkerSchedule } from "./worker-schedule.ts";

let clock: FakeClock;
let schedule: WorkerSchedule;
let queue: PoolQueue;

function setLimits(activeCap: number, kvTokenCap = NO_LIMIT, prefillTokenCap = NO_LIMIT): void {
  schedule.memory.book.setLimits(0, {
    activeCap,
    prefillTokenCap,
    kvTokenCap,
    weight: 1,
    rates: { prefillMs: 0.1, decodeMs: 1, contextMs: 0 },
    isServing: true,
  });
}

beforeEach(() => {
  clock = createFakeClock();
  schedule = createWorkerSchedule({
    row: 0,
    memory: wrapScheduleMemory(createScheduleBuffers(1)),
    clock,
    random: seededRandom(4),
    check: () => "open",
    isReplacement: false,
  });
  queue = createPoolQueue(schedule, 3, "llm");
  setLimits(1);
  const slot = { index: 0, generation: 0 };
  seatEndpoints(queue, [{ id: "llm/0", slot, seat: -1, ownInFlight: 0 } as unknown as Endpoint]);
  tellPools(schedule, [{ number: 3, slots: [slot], balance: undefined }]);
});

let id = 0;
const request = (more: Partial<ScheduledRequest> = {}): ScheduledRequest => ({
  id: (id += 1),
  tenant: "",
  classIndex: 1,
  arrivedAt: clock.monotonic(),
  deadlineAt: Number.POSITIVE_INFINITY,
  inputTokens: 100,
  outputTokens: 10,
  outputTokensHigh: 20,
  workMs: 10,
  blocks: [],
  row: 0,
  ...more,
});

/** Waits, and tells what becomes of it. */
function wait(
  told: string[],
  name: string,
  priority = 1,
  isParked = false,
  workMs = 10,
): QueuedRequest & { booking?: Booking } {
  const queued: QueuedRequest & { booking?: Booking } = {
    request: request({ workMs }),
    priority,
    enteredAt: clock.monotonic(),
    isParked,
    onGrant(_endpoint, booking) {
      told.push(name);
      queued.booking = booking;
      return true;
    },
    onLook: () => false,
    onLost: () => void told.push(`${name} lost`),
  };
  if (!enterQueue(queue, queued)) told.push(`${name} refused`);
  return queued;
}

describe("the queue of a pool in the only worker", () => {
  it("lets nobody by who comes later, and gives each place to one who waits", () => {
    const told: string[] = [];
    const first = bookAtOnce(schedule, queue, request(), undefined);
    expect(isOwnTurn(queue)).toBe(false);
    const second = wait(told, "second");
    wait(told, "third");
    endBooking(schedule, first);
    expect(told).toEqual(["second"]);
    endBooking(schedule, second.booking);
    endBooking(schedule, second.booking);
    expect(told).toEqual(["second", "third"]);
    expect([schedule.memory.book.active(0), schedule.memory.counts.any(3), queue.waiting.size]).toEqual([1, false, 0]);
  });

  it("forgets those who leave, and hears of the parked only when endpoints may be asked again", async () => {
    const told: string[] = [];
    const first = bookAtOnce(schedule, queue, request(), undefined);
    const gone = wait(told, "gone");
    expect(await schedule.arbiter.explain(3, gone.request.id)).toMatchObject({ kind: "waiting", waitsFor: "slot" });
    leaveQueue(queue, gone);
    expect(await schedule.arbiter.explain(3, gone.request.id)).toEqual({ kind: "unknown" });
    wait(told, "parked", 1, true);
    endBooking(schedule, first);
    expect(told).toEqual([]);
    unparkAll(queue);
    expect(told).toEqual(["parked"]);
  });

  it("puts the parked in order before the first of them goes", () => {
    const told: string[] = [];
    wait(told, "long", 1, true, 1_000);
    wait(told, "short", 1, true, 1);
    unparkAll(queue);
    expect(told).toEqual(["short"]);
  });

  it("is bounded: a higher class takes the place of the youngest below it, any other is refused", () => {
    const told: string[] = [];
    bookAtOnce(schedule, queue, request(), undefined);
    for (let index = 0; index < MAX_WAITING; index += 1) wait(told, `low ${index}`, 0);
    wait(told, "high", 2);
    wait(told, "late", 0);
    expect(told).toEqual([`low ${MAX_WAITING - 1} lost`, "late refused"]);
    expect(schedule.memory.counts.from(3, 2)).toBe(1);
  });

  it("looks again by itself when limits have been learned meanwhile", async () => {
    const told: string[] = [];
    bookAtOnce(schedule, queue, request(), undefined);
    wait(told, "second");
    setLimits(2);
    expect(told).toEqual([]);
    await clock.advance(20);
    expect(told).toEqual(["second"]);
  });
});

describe("what is held", () => {
  it("is the prompt until the first token, and memory as it is estimated where it is bounded", () => {
    setLimits(4, 10_000);
    const booking = bookAtOnce(schedule, queue, request(), undefined);
    const { book } = schedule.memory;
    expect([book.prefillTokens(0), book.kvTokens(0), book.workMs(0)]).toEqual([100, 120, 10]);
    noteFirstToken(schedule, booking);
    noteProgress(schedule, booking, 5);
    expect([book.prefillTokens(0), book.kvTokens(0), book.workMs(0)]).toEqual([0, 120, 7.5]);
    noteProgress(schedule, booking, 40);
    expect(book.kvTokens(0)).toBe(150);
    endBooking(schedule, booking);
    expect([book.active(0), book.prefillTokens(0), book.kvTokens(0), book.workMs(0)]).toEqual([0, 0, 0, 0]);
    noteProgress(schedule, booking, 50);
    expect([book.kvTokens(0), book.workMs(0)]).toEqual([0, 0]);
  });

  it("of a prompt ends after its time where nobody sees a first token, sooner where none will come", async () => {
    setLimits(4, NO_LIMIT, 150);
    const whole = bookAtOnce(schedule, queue, request(), undefined) as Booking;
    schedule.reading.add(whole, false);
    expect(bookAtOnce(schedule, queue, request(), undefined)).toBeUndefined();
    await clock.advance(60);
    const stream = bookAtOnce(schedule, queue, request(), undefined) as Booking;
    schedule.reading.add(stream, true);
    await clock.advance(500);
    expect(schedule.memory.book.prefillTokens(0)).toBe(100);
    await clock.advance(600);
    expect([schedule.memory.book.prefillTokens(0), schedule.memory.book.active(0)]).toEqual([0, 2]);
  });
});
