// The arbiter's thread and a worker's line to it, on real ports in one thread.
import { once } from "node:events";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock, type Clock } from "@flyball/core";
import { createReservation, NO_LIMIT, type ScheduledRequest } from "@flyball/traffic";
import { createCooldownBuffer } from "../shared/cooldown-table.ts";
import { createProbeBuffer } from "../shared/probe-table.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { WorkerData } from "../worker/worker-messages.ts";
import type { ArbiterToMain, MainToArbiter } from "./arbiter-messages.ts";
import type { Booking } from "./booking.ts";
import { createPoolQueue, enterQueue, isOwnTurn, leaveQueue, seatEndpoints, type QueuedRequest } from "./pool-queue.ts";
import { runArbiter } from "./run-arbiter.ts";
import { createScheduleBuffers, wrapScheduleMemory, type ScheduleMemory } from "./schedule-memory.ts";
import { createWorkerSchedule, remoteLineOf, type WorkerSchedule } from "./worker-schedule.ts";

const SLOT = { index: 0, generation: 0 };
const buffers = createScheduleBuffers(2);
let memory: ScheduleMemory;
let ports: MessagePort[];
let arbiters: StartedArbiter[];

beforeEach(() => {
  memory = wrapScheduleMemory(buffers);
  ports = [];
  arbiters = [];
  memory.book.renew(0);
  memory.book.setLimits(0, {
    activeCap: 2,
    prefillTokenCap: NO_LIMIT,
    kvTokenCap: NO_LIMIT,
    weight: 1,
    rates: { prefillMs: 0, decodeMs: 0, contextMs: 0 },
    isServing: true,
  });
});
afterEach(() => {
  for (const { die } of arbiters) die();
  for (const port of ports) port.close();
});

interface StartedArbiter {
  /** The main thread's end. */
  readonly main: MessagePort;
  /** As far as an arbiter can die without its thread: it hears of nobody and looks no more. */
  readonly die: () => void;
}

function startArbiter(): StartedArbiter {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  let isDead = false;
  const clock: Clock = {
    ...systemClock,
    after: (delayMs, run) => systemClock.after(delayMs, () => (isDead ? undefined : run())),
  };
  const data = { schedule: buffers, cooldowns: createCooldownBuffer(), probes: createProbeBuffer(), workerIndex: 2 };
  runArbiter({ port: port2, data: data as unknown as WorkerData, clock });
  tell(port1, { type: "pools", pools: [{ number: 1, slots: [SLOT], balance: undefined }] });
  const arbiter = { main: port1, die: () => void (isDead = true) };
  arbiters.push(arbiter);
  return arbiter;
}

function tell(main: MessagePort, message: MainToArbiter, transfer: MessagePort[] = []): void {
  main.postMessage(message, transfer);
}

function startWorker(row: number) {
  const schedule = createWorkerSchedule({
    row,
    memory,
    clock: systemClock,
    random: Math.random,
    check: () => "open",
    isReplacement: true,
  });
  const queue = createPoolQueue(schedule, 1, "llm");
  seatEndpoints(queue, [{ id: "llm/0", slot: SLOT, seat: -1, ownInFlight: 0 } as unknown as Endpoint]);
  return { schedule, queue };
}

function connect({ main }: StartedArbiter, { row, ...schedule }: WorkerSchedule): void {
  const { port1, port2 } = new MessageChannel();
  ports.push(port2);
  tell(main, { type: "worker", row, port: port1 }, [port1]);
  remoteLineOf({ row, ...schedule })?.connect(port2);
}

let id = 0;
const request = (row: number, workMs = 1): ScheduledRequest => ({
  id: (id += 1),
  tenant: "",
  classIndex: 0,
  arrivedAt: systemClock.monotonic(),
  deadlineAt: Number.POSITIVE_INFINITY,
  inputTokens: 1,
  outputTokens: 0,
  outputTokensHigh: 0,
  workMs,
  blocks: [],
  row,
});

function queuedFor(row: number, granted: Booking[], workMs?: number): QueuedRequest {
  return {
    request: request(row, workMs),
    priority: 1,
    enteredAt: systemClock.monotonic(),
    isParked: false,
    onGrant: (_endpoint, booking) => granted.push(booking) > 0,
    onLook: () => false,
    onLost: () => undefined,
  };
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000 && !isTrue(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(isTrue()).toBe(true);
}

it("grants over its lines, and clears the row of a dead worker at once", async () => {
  const arbiter = startArbiter();
  const { main } = arbiter;
  const [one, other] = [startWorker(0), startWorker(1)];
  for (const { schedule } of [one, other]) connect(arbiter, schedule);
  await until(() => one.schedule.isOpen && other.schedule.isOpen);
  const granted: Booking[] = [];
  for (let count = 0; count < 3; count += 1) enterQueue(one.queue, queuedFor(0, granted));
  enterQueue(other.queue, queuedFor(1, granted));
  await until(() => granted.length === 2);
  expect([memory.book.active(0), isOwnTurn(other.queue)]).toEqual([2, false]);
  const cleared = once(main, "message") as Promise<[ArbiterToMain]>;
  memory.counts.clearRow(0);
  tell(main, { type: "row-died", row: 0 });
  expect((await cleared)[0]).toEqual({ type: "row-cleared", row: 0 });
  // What waited in the other worker has the place, and nothing of the dead one is granted any more.
  await until(() => granted.length === 3);
  expect([granted[2]?.reservation.row, memory.book.active(0)]).toEqual([1, 1]);
});

it("is followed by another one: what it had reserved and never told is free, and who waits is told again", async () => {
  const { schedule, queue } = startWorker(0);
  const first = startArbiter();
  connect(first, schedule);
  await until(() => schedule.isOpen);
  const granted: Booking[] = [];
  for (let count = 0; count < 2; count += 1) enterQueue(queue, queuedFor(0, granted));
  await until(() => granted.length === 2);
  const gone = queuedFor(0, granted);
  enterQueue(queue, queuedFor(0, granted));
  enterQueue(queue, gone);
  expect(await schedule.arbiter.explain(1, gone.request.id)).toMatchObject({ kind: "waiting" });
  first.die();
  // It dies in the middle of a grant: reserved in the worker's row, and no message of it.
  memory.book.take(0, createReservation(0));
  expect(memory.book.active(0)).toBe(3);
  const second = startArbiter();
  connect(second, schedule);
  await until(() => memory.book.active(0) === 2);
  leaveQueue(queue, gone);
  const [held] = granted;
  memory.book.release((held as Booking).reservation);
  schedule.held.delete(held as Booking);
  schedule.arbiter.look();
  await until(() => granted.length === 3);
  expect([memory.book.active(0), queue.waiting.size]).toEqual([2, 0]);
});

it("puts those in order who waited for it, and those who come together", async () => {
  const { schedule, queue } = startWorker(0);
  const granted: Booking[] = [];
  const grants = (): readonly number[] => granted.map(({ request: { workMs } }) => workMs);
  for (const workMs of [300, 200, 100]) enterQueue(queue, queuedFor(0, granted, workMs));
  connect(startArbiter(), schedule);
  await until(() => granted.length === 2);
  expect(grants()).toEqual([100, 200]);
  const [first, second] = granted as [Booking, Booking];
  for (const booking of [first, second]) {
    schedule.held.delete(booking);
    memory.book.release(booking.reservation);
  }
  for (const workMs of [50, 40]) enterQueue(queue, queuedFor(0, granted, workMs));
  await until(() => granted.length === 4);
  expect(grants()).toEqual([100, 200, 40, 50]);
});
