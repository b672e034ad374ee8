// Injectors on real processes, also when the drill that made the fault is killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "@flyball/core";
import { createTemporaryFolder, type TemporaryFolder } from "@flyball/fakes";
import { isProcessAlive, readProcessStat } from "@flyball/wire";
import type { InjectedFault, InjectionOrder, Victim } from "../injector.ts";
import { leaseKeeperCommand } from "../testdata/lease-keeper-command.ts";
import { startProxy } from "../testdata/start-proxy.ts";
import { startTarget, type StartedTarget } from "../testdata/start-target.ts";
import { until } from "../testdata/until.ts";
import { createInjectors } from "./create-injectors.ts";
import { askProxy } from "./proxy-client.ts";
import { readSoftLimit } from "./soft-limit.ts";
import { sweepFaults } from "./sweep-faults.ts";

let folder: TemporaryFolder;
let target: StartedTarget;

beforeEach(async () => {
  folder = await createTemporaryFolder("fbi-");
  target = await startTarget();
});

afterEach(async () => {
  await target[Symbol.asyncDispose]();
  await folder.dispose();
});

function inject(order: InjectionOrder, victim: Victim = target.victim): Promise<InjectedFault> {
  const context = { clock: systemClock, folder: folder.path, leaseKeeper: leaseKeeperCommand() };
  const injector = createInjectors(context).find(({ kind }) => kind === order.injection.kind)!;
  return injector.inject(order, victim, new AbortController().signal);
}

/** Makes the fault in a process of its own and kills that. */
async function injectAndDie(order: InjectionOrder, victim: Victim, check: () => Promise<void> | void): Promise<void> {
  const flags = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];
  const file = join(import.meta.dirname, "../testdata/drill-process.ts");
  const drill = spawn(process.execPath, [...flags, file, folder.path, JSON.stringify(order), JSON.stringify(victim)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(drill.stdout, "data");
    await check();
  } finally {
    drill.kill("SIGKILL");
    await once(drill, "exit");
  }
}

const stateOf = ({ processes }: Victim): string | undefined => readProcessStat(processes[0]!.pid)?.state;
const noRecords = async (): Promise<boolean> => (await readdir(folder.path)).length === 0;
const FREEZE: InjectionOrder = { fault: "frozen", injection: { kind: "signal", signal: "SIGSTOP" }, leaseMs: 60_000 };

describe("a signal", () => {
  it("SIGKILL ends all processes of the victim", async () => {
    await inject({ fault: "crash", injection: { kind: "signal", signal: "SIGKILL" }, leaseMs: 1_000 });
    await until(() => !isProcessAlive(target.victim.processes[0]!));
    await expect(
      inject({ fault: "crash", injection: { kind: "signal", signal: "SIGKILL" }, leaseMs: 1_000 }),
    ).rejects.toMatchObject({ code: "FB_DRILL_INJECT" });
  });

  it("spares a process that has the number of the victim but began at another time", async () => {
    const other = target.victim.processes.map((identity) => ({ ...identity, startTicks: identity.startTicks - 1 }));
    await expect(inject(FREEZE, { ...target.victim, processes: other })).rejects.toThrow(/process-gone/);
    expect(stateOf(target.victim)).not.toBe("T");
    expect(await noRecords()).toBe(true);
  });

  it("SIGSTOP is undone, once or twice, and leaves nothing", async () => {
    const fault = await inject(FREEZE);
    await until(() => stateOf(target.victim) === "T");
    await fault.undo();
    await fault.undo();
    await until(() => stateOf(target.victim) !== "T");
    expect((await fetch(`${target.url}/health`)).status).toBe(200);
    await until(noRecords);
  });

  it("SIGSTOP is undone when its lease is over", async () => {
    await inject({ ...FREEZE, leaseMs: 300 });
    await until(() => stateOf(target.victim) === "T");
    await until(() => stateOf(target.victim) !== "T");
    await until(noRecords);
  });

  it("SIGSTOP is undone when the drill is killed", async () => {
    await injectAndDie(FREEZE, target.victim, () => until(() => stateOf(target.victim) === "T"));
    await until(() => stateOf(target.victim) !== "T");
    await until(noRecords);
  });
});

describe("a sweep", () => {
  it("undoes what a drill and its lease keeper left behind, and nothing of a drill that runs", async () => {
    const running = await inject(FREEZE);
    expect(await sweepFaults(folder.path, Date.now())).toEqual([]);
    await until(() => stateOf(target.victim) === "T");
    expect(await sweepFaults(folder.path, Date.now() + 61_000)).toMatchObject([{ fault: "frozen" }]);
    await until(() => stateOf(target.victim) !== "T");
    expect(await noRecords()).toBe(true);
    await running.undo();
  });
});

describe("a rule of the proxy", () => {
  it("is undone by a word and by the death of the drill", async () => {
    const proxy = await startProxy();
    try {
      const order: InjectionOrder = {
        fault: "health-fails",
        injection: { kind: "proxy", rule: { rule: "health-fails" } },
        leaseMs: 60_000,
      };
      const victim = { service: "a", processes: [], proxySocket: proxy.socket };
      const ruleNow = async (): Promise<unknown> => (await askProxy(proxy.socket, "status")).rule;
      const fault = await inject(order, victim);
      expect(await ruleNow()).toEqual({ rule: "health-fails" });
      await fault.undo();
      expect(await ruleNow()).toBeNull();
      await injectAndDie(order, victim, async () => expect(await ruleNow()).toEqual({ rule: "health-fails" }));
      await until(async () => (await ruleNow()) === null);
    } finally {
      await proxy[Symbol.asyncDispose]();
    }
  });

  it("that kills at a request is made when the program is dead", async () => {
    const proxy = await startProxy();
    try {
      const injection = { kind: "proxy", rule: { rule: "killed-at-request", request: 2 } } as const;
      const victim = { service: "a", processes: [], proxySocket: proxy.socket };
      const made = inject({ fault: "memory", injection, leaseMs: 60_000 }, victim);
      await until(async () => (await askProxy(proxy.socket, "status")).rule !== null);
      await fetch(`${proxy.url}/answer`);
      await fetch(`${proxy.url}/answer`).catch(() => undefined);
      await (await made).undo();
      expect((await proxy.ended).signal).toBe("SIGKILL");
    } finally {
      await proxy[Symbol.asyncDispose]();
    }
  });

  it("says that none stands there", async () => {
    const order: InjectionOrder = {
      fault: "x",
      injection: { kind: "proxy", rule: { rule: "refuse" } },
      leaseMs: 1_000,
    };
    const injectors = createInjectors({ clock: systemClock, folder: folder.path, leaseKeeper: [] });
    const injector = injectors.find(({ kind }) => kind === "proxy")!;
    expect(await injector.whyNot(order, target.victim)).toEqual({ code: "no-proxy", service: "a" });
    expect(await injector.whyNot(order, { ...target.victim, proxySocket: "/no/socket" })).toEqual({
      code: "proxy-silent",
      service: "a",
      words: "ENOENT",
    });
  });
});

describe("pressure", () => {
  it("on the processor stops the victim most of the time, and lets it run afterwards", async () => {
    const fault = await inject({ fault: "cpu", injection: { kind: "pressure", resource: "cpu" }, leaseMs: 60_000 });
    await until(() => stateOf(target.victim) === "T");
    expect((await fetch(`${target.url}/health`)).status).toBe(200);
    await fault.undo();
    await until(() => stateOf(target.victim) !== "T");
    await until(noRecords);
  });

  it("on files lets the victim open no more, also no connection, and is undone with the drill", async () => {
    const { pid } = target.victim.processes[0]!;
    const before = await readSoftLimit(pid, "nofile");
    const order: InjectionOrder = {
      fault: "files",
      injection: { kind: "pressure", resource: "files" },
      leaseMs: 60_000,
    };
    await injectAndDie(order, target.victim, async () => {
      expect(Number(await readSoftLimit(pid, "nofile"))).toBeLessThan(100);
      const calls = Array.from({ length: 5 }, () =>
        fetch(`${target.url}/stream`, { signal: AbortSignal.timeout(1_000) }),
      );
      const results = await Promise.allSettled(calls);
      expect(results.some(({ status }) => status === "rejected")).toBe(true);
    });
    await until(async () => (await readSoftLimit(pid, "nofile")) === before);
    await until(noRecords);
  });

  it("on memory bounds the address space, and gives it back", async () => {
    const { pid } = target.victim.processes[0]!;
    const order: InjectionOrder = {
      fault: "memory",
      injection: { kind: "pressure", resource: "memory" },
      leaseMs: 60_000,
    };
    const fault = await inject(order);
    expect(await readSoftLimit(pid, "as")).toMatch(/^\d+$/);
    await fault.undo();
    expect(await readSoftLimit(pid, "as")).toBe("unlimited");
  });
});

describe("a compound", () => {
  it("makes its parts in their order and undoes all, also those that were not made yet", async () => {
    const freeze = FREEZE.injection;
    const limit = { kind: "pressure", resource: "files" } as const;
    const { pid } = target.victim.processes[0]!;
    const before = await readSoftLimit(pid, "nofile");
    const parts = [
      { afterMs: 0, injection: limit },
      { afterMs: 100, injection: freeze },
    ];
    const fault = await inject({ fault: "two", injection: { kind: "compound", parts }, leaseMs: 60_000 });
    await fault.whole;
    await until(() => stateOf(target.victim) === "T");
    expect(await readSoftLimit(pid, "nofile")).not.toBe(before);
    await fault.undo();
    await until(async () => stateOf(target.victim) !== "T" && (await readSoftLimit(pid, "nofile")) === before);
    const late = [parts[0]!, { afterMs: 600_000, injection: freeze }];
    const second = await inject({ fault: "two", injection: { kind: "compound", parts: late }, leaseMs: 60_000 });
    await second.undo();
    await until(noRecords);
    expect(await readSoftLimit(pid, "nofile")).toBe(before);
  });

  it("with a kind that nothing here makes is refused", async () => {
    const parts = [{ afterMs: 0, injection: { kind: "load", factor: 2 } as const }];
    const order: InjectionOrder = { fault: "two", injection: { kind: "compound", parts }, leaseMs: 1_000 };
    await expect(inject(order)).rejects.toMatchObject({ code: "FB_DRILL_INJECT" });
  });
});
