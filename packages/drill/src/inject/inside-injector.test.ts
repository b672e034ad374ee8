import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "@flyball/core";
import { findListeningSockets, isProcessAlive } from "@flyball/wire";
import type { Injection } from "../fault.ts";
import { startTarget, type StartedTarget } from "../testdata/start-target.ts";
import { until } from "../testdata/until.ts";
import { createInsideInjector } from "./inside-injector.ts";

type Inside = Omit<Extract<Injection, { readonly kind: "inside" }>, "kind">;

let target: StartedTarget;

beforeEach(async () => {
  target = await startTarget("two-threads.mjs");
});

afterEach(() => target[Symbol.asyncDispose]());

async function inject(inside: Inside): Promise<void> {
  const order = { fault: "inside", injection: { kind: "inside", ...inside } as const, leaseMs: 60_000 };
  await createInsideInjector({ clock: systemClock }).inject(order, target.victim, new AbortController().signal);
}

async function look(): Promise<{ exits: number; lastError: string }> {
  return (await (await fetch(target.url)).json()) as { exits: number; lastError: string };
}

describe("a fault inside", () => {
  it("ends a worker by an exception, and the inspector is closed again", async () => {
    await inject({ thread: "worker", what: "throw" });
    await until(async () => (await look()).exits === 1);
    expect(await look()).toEqual({ exits: 1, lastError: "a drill" });
    await until(() => findListeningSockets("127.0.0.1", 9229).length === 0);
  });

  it("fills the heap of a worker", async () => {
    await inject({ thread: "worker", what: "exhaust-heap" });
    await until(async () => (await look()).exits === 1);
    expect((await look()).lastError).toBe("ERR_WORKER_OUT_OF_MEMORY");
  });

  it("lets the main thread stand still for its time, and no longer", async () => {
    await inject({ thread: "main", what: "block", blockMs: 1_500 });
    await until(() =>
      fetch(target.url, { signal: AbortSignal.timeout(500) }).then(
        () => false,
        () => true,
      ),
    );
    expect((await look()).exits).toBe(0);
  });

  it("ends a process by an exception of its main thread", async () => {
    await inject({ thread: "main", what: "throw" });
    await until(() => !isProcessAlive(target.victim.processes[0]!));
    await expect(inject({ thread: "main", what: "throw" })).rejects.toMatchObject({ code: "FB_DRILL_INJECT" });
  });
});
