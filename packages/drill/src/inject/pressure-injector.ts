// Takes from one victim alone: its processor by stopping it most of the time, its memory and its files by limits of the kernel. The rest of
// the machine, the one who measures among them, is not disturbed.
import { readdir, readFile } from "node:fs/promises";
import { sleep, type ProcessIdentity } from "@flyball/core";
import { isProcessAlive } from "@flyball/wire";
import type { Injection, PressureResource } from "../fault.ts";
import type { InjectedFault, InjectionOrder, Injector, Victim } from "../injector.ts";
import type { UndoStep } from "./fault-record.ts";
import { holdLease, type FaultContext } from "./hold-lease.ts";
import { readSoftLimit, setSoftLimit, type LimitedResource } from "./soft-limit.ts";
import { sendSignal } from "./undo-steps.ts";

const RUN_MS = 5;
const STOP_MS = 95;

/** Linux only. */
export function createPressureInjector(context: FaultContext): Injector {
  return {
    kind: "pressure",
    async whyNot(order, { processes, service }) {
      if (processes.length === 0) return { code: "no-process", service };
      const { resource } = order.injection as Extract<Injection, { readonly kind: "pressure" }>;
      if (resource === "cpu") return undefined;
      return readSoftLimit(processes[0]!.pid, limitOf(resource)).then(
        () => undefined,
        (error: Error) => ({ code: "no-limits", words: error.message.split("\n")[0] ?? "" }) as const,
      );
    },
    inject(order, victim, signal) {
      const { resource } = order.injection as Extract<Injection, { readonly kind: "pressure" }>;
      return resource === "cpu"
        ? starve(context, order, victim, signal)
        : limit(context, { order, victim, resource: limitOf(resource) }, signal);
    },
  };
}

/** As cpulimit(1) does it. */
function starve(
  context: FaultContext,
  order: InjectionOrder,
  { processes }: Victim,
  signal: AbortSignal,
): Promise<InjectedFault> {
  const over = new AbortController();
  const turn = async (): Promise<void> => {
    while (!over.signal.aborted && processes.some((identity) => sendSignal(identity, "SIGSTOP"))) {
      await sleep(context.clock, STOP_MS, over.signal);
      for (const identity of processes) sendSignal(identity, "SIGCONT");
      await sleep(context.clock, RUN_MS, over.signal);
    }
  };
  const fault = {
    order,
    steps: (): readonly UndoStep[] => [{ undo: "continue", processes }],
    make: () => void turn().catch(() => undefined),
    beforeUndo: () => over.abort(),
  };
  return holdLease(context, fault, signal);
}

interface LimitOrder {
  readonly order: InjectionOrder;
  readonly victim: Victim;
  readonly resource: LimitedResource;
}

async function limit(
  context: FaultContext,
  { order, victim, resource }: LimitOrder,
  signal: AbortSignal,
): Promise<InjectedFault> {
  const living = victim.processes.filter(isProcessAlive);
  const before = await Promise.all(living.map(async ({ pid }) => readSoftLimit(pid, resource)));
  const steps = living.map((process, index): UndoStep => ({ undo: "limit", process, resource, soft: before[index]! }));
  const make = async (): Promise<void> => {
    for (const identity of living) await setSoftLimit(identity.pid, resource, await usedBy(identity, resource));
  };
  return holdLease(context, { order, steps: () => steps, make }, signal);
}

/** As much as it has now: bytes of address space, or the lowest descriptor that is free, which the next file would get. */
async function usedBy({ pid }: ProcessIdentity, resource: LimitedResource): Promise<string> {
  if (resource === "as") {
    const kilobytes = /^VmSize:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1];
    return String(Number(kilobytes) * 1_024);
  }
  const taken = new Set((await readdir(`/proc/${pid}/fd`)).map(Number));
  let free = 0;
  while (taken.has(free)) free += 1;
  return String(free);
}

function limitOf(resource: Exclude<PressureResource, "cpu">): LimitedResource {
  return resource === "memory" ? "as" : "nofile";
}
