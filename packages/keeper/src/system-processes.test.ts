import type { SystemProcess, SystemProcessRequest } from "@flyball/wire";
import { createFakeClock, type FakeClock } from "@flyball/fakes";
import { beforeEach, describe, expect, it } from "vitest";
import { createSystemProcesses, restartDelayMs, type SystemProcesses } from "./system-processes.ts";

interface FakeChild {
  readonly startedAt: number;
  readonly exit: (code: number) => Promise<void>;
  readonly signals: string[];
}

let clock: FakeClock;
let children: FakeChild[];
let system: SystemProcesses;
let startError: Error | undefined;
let events: SystemProcess[];

const REQUEST: SystemProcessRequest = {
  name: "gateway",
  argv: [],
  workingDirectory: "/",
  environment: {},
  listeners: [],
  copies: 1,
};

beforeEach(() => {
  clock = createFakeClock();
  children = [];
  events = [];
  startError = undefined;
  system = createSystemProcesses({
    clock,
    publish: ({ data }) => void events.push(data as SystemProcess),
    log: () => {},
    async startGeneration() {
      if (startError) throw startError;
      const exited = Promise.withResolvers<{ code: number | null; signal: null; at: number }>();
      const signals: string[] = [];
      const startedAt = clock.now();
      children.push({
        startedAt,
        signals,
        async exit(code) {
          exited.resolve({ code, signal: null, at: clock.now() });
          await clock.settle();
        },
      });
      return {
        identity: { pid: children.length, startTicks: 1, bootId: "" },
        startedAt,
        exited: exited.promise,
        signal: (name) => signals.push(name) > 0,
      };
    },
  });
});

const crash = (): Promise<void> => children.at(-1)!.exit(1);

it("the wait grows from short life to short life, and is nothing after the first", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 8, 100].map(restartDelayMs)).toEqual([
    0, 0, 100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000,
  ]);
});

describe("a system process", () => {
  it("is started again with growing waits, which end after a life of 3 s", async () => {
    await system.start(REQUEST);
    const waits: number[] = [];
    const crashAndWait = async (): Promise<void> => {
      const crashedAt = clock.now();
      await crash();
      await clock.advanceToNext();
      waits.push(children.at(-1)!.startedAt - crashedAt);
    };
    for (let life = 0; life < 5; life += 1) await crashAndWait();
    await clock.advance(2_999);
    await crashAndWait();
    await clock.advance(3_000);
    await crashAndWait();
    await crashAndWait();
    await crashAndWait();
    expect(waits).toEqual([0, 100, 200, 400, 800, 1_600, 0, 0, 100]);
    expect(system.list()).toMatchObject([
      { generation: 10, restarts: 9, state: "starting", lastExit: { code: 1, wasRequested: false } },
    ]);
  });

  it("that is killed each 4 s, even when it takes a second to be there again, is started again at once each time", async () => {
    await system.start(REQUEST);
    for (let kill = 1; kill <= 10; kill += 1) {
      await clock.advance(1_000);
      system.ready("gateway", kill);
      await clock.advance(3_000);
      const killedAt = clock.now();
      await crash();
      await clock.advanceToNext();
      expect(children.at(-1)!.startedAt - killedAt).toBe(0);
    }
    expect(system.list()).toMatchObject([{ generation: 11, restarts: 10 }]);
  });

  it("whose program cannot be started any more is tried again", async () => {
    await system.start(REQUEST);
    startError = new Error("gone");
    await crash();
    for (let attempt = 0; attempt < 4; attempt += 1) await clock.advanceToNext();
    expect(children).toHaveLength(1);
    startError = undefined;
    await clock.advanceToNext();
    expect(children).toHaveLength(2);
    expect(system.list()).toMatchObject([{ generation: 6, state: "starting" }]);
  });

  it("is not started again once the end has begun, even when its wait was under way", async () => {
    await system.start(REQUEST);
    await crash();
    expect(system.list()).toMatchObject([{ state: "waiting-to-restart" }]);
    expect(system.end()).toBeUndefined();
    await clock.advance(60_000);
    expect(children).toHaveLength(1);
  });
});

describe("a successor", () => {
  it("takes over when it is ready, and the first is drained and not started again", async () => {
    await system.start(REQUEST);
    system.ready("gateway", 1);
    const second = system.start(REQUEST);
    await clock.settle();
    expect(children[0]!.signals).toEqual([]);
    system.ready("gateway", 2);
    expect(await second).toEqual({ generation: 2 });
    expect(children[0]!.signals).toEqual(["SIGTERM"]);
    await children[0]!.exit(0);
    await clock.advance(60_000);
    expect(events.findLast(({ generation }) => generation === 1)).toMatchObject({
      state: "exited",
      lastExit: { wasRequested: true },
    });
    expect(system.list()).toMatchObject([{ generation: 2, state: "ready" }]);
    expect(clock.pendingTimers()).toBe(0);
  });

  it("that crashes twice has a third try", async () => {
    await system.start(REQUEST);
    const second = system.start(REQUEST);
    await clock.settle();
    await crash();
    await clock.advanceToNext();
    await crash();
    await clock.advanceToNext();
    system.ready("gateway", 4);
    expect(await second).toEqual({ generation: 4 });
    expect(system.list()).toMatchObject([
      { generation: 1, state: "draining" },
      { generation: 4, state: "ready", restarts: 2 },
    ]);
  });

  it("that never becomes ready is killed after 60 s, and the first goes on", async () => {
    await system.start(REQUEST);
    const second = system.start(REQUEST);
    const failure = expect(second).rejects.toMatchObject({
      code: "FB_KEEPER_SYSTEM",
      details: { reason: "it took too long" },
    });
    await clock.settle();
    await expect(system.start(REQUEST)).rejects.toMatchObject({ code: "FB_KEEPER_SYSTEM" });
    await clock.advance(60_000);
    expect(children[1]!.signals).toEqual(["SIGKILL"]);
    await crash();
    await failure;
    expect(system.list()).toMatchObject([{ generation: 1, state: "starting" }]);
    expect(children[0]!.signals).toEqual([]);
  });

  it("takes the place of a first that waits to be started again", async () => {
    await system.start(REQUEST);
    await crash();
    const second = system.start(REQUEST);
    await clock.settle();
    system.ready("gateway", 2);
    expect(await second).toEqual({ generation: 2 });
    await clock.advance(60_000);
    expect(children).toHaveLength(2);
    expect(system.list()).toMatchObject([{ generation: 2, state: "ready" }]);
  });
});
