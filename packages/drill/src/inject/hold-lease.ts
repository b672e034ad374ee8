// Makes a fault under a lease: first the record, then the keeper of the lease, and only then the fault.
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { FlyballError, type Clock } from "@flyball/core";
import { readProcessIdentity } from "@flyball/wire";
import { InjectionRefused } from "../injector-reason.ts";
import type { InjectedFault, InjectionOrder } from "../injector.ts";
import { removeRecord, writeRecord, type UndoStep } from "./fault-record.ts";
import { undoSteps } from "./undo-steps.ts";

/** What injectors that change this machine share. */
export interface FaultContext {
  readonly clock: Clock;
  /** Where records of faults in force lie, one folder an app. */
  readonly folder: string;
  /** The beginning of the lease keeper's command line; the record's path is appended. */
  readonly leaseKeeper: readonly string[];
}

/** How a fault is made and taken back. */
export interface LeasedFault {
  readonly order: InjectionOrder;
  /** Steps may name what does not exist yet. */
  readonly steps: (id: string) => readonly UndoStep[];
  make(id: string): Promise<void> | void;
  /** Before the steps: ends what goes on in this process. */
  readonly beforeUndo?: () => Promise<void> | void;
}

/** Makes it. Throws FB_DRILL_INJECT, and then nothing is left of it. */
export async function holdLease(
  context: FaultContext,
  fault: LeasedFault,
  signal: AbortSignal,
): Promise<InjectedFault> {
  const { order } = fault;
  signal.throwIfAborted();
  const id = `${order.fault}-${randomBytes(6).toString("hex")}`;
  const steps = fault.steps(id);
  const owner = readProcessIdentity(process.pid);
  const path = await writeRecord(context.folder, {
    id,
    fault: order.fault,
    owner,
    until: context.clock.now() + order.leaseMs,
    steps,
  });
  let keeper: ChildProcess | undefined;
  let undone: Promise<void> | undefined;
  const undo = async (): Promise<void> => {
    await fault.beforeUndo?.();
    try {
      await undoSteps(steps);
    } catch (error) {
      const reason = (error as Error).message;
      throw new FlyballError("FB_DRILL_UNDO", { fault: order.fault, reason }, error);
    }
    await removeRecord(path);
    keeper?.stdin?.end();
  };
  const undoOnce = (): Promise<void> => (undone ??= undo());
  try {
    keeper = await startKeeper(context, path);
    signal.throwIfAborted();
    await fault.make(id);
    const injectedAt = context.clock.now();
    context.clock.after(order.leaseMs, () => void undoOnce().catch(() => undefined));
    return { injectedAt, undo: undoOnce };
  } catch (error) {
    await undoOnce();
    throw injectFailed(order, error);
  }
}

/** The error of a fault that could not be made. */
export function injectFailed({ fault }: Pick<InjectionOrder, "fault">, error: unknown): unknown {
  if (error instanceof FlyballError || (error as Error).name === "AbortError") return error;
  return new FlyballError("FB_DRILL_INJECT", { fault, reason: (error as Error).message }, error);
}

async function startKeeper({ leaseKeeper }: FaultContext, path: string): Promise<ChildProcess> {
  const [command = "", ...rest] = leaseKeeper;
  const keeper = spawn(command, [...rest, path], { stdio: ["pipe", "pipe", "ignore"], detached: true });
  keeper.stdin.on("error", () => undefined);
  keeper.unref();
  const early = once(keeper, "exit").then(() => Promise.reject(new InjectionRefused({ code: "no-lease-keeper" })));
  await Promise.race([once(keeper.stdout, "data"), early]);
  early.catch(() => undefined);
  (keeper.stdin as unknown as { unref?(): void }).unref?.();
  (keeper.stdout as unknown as { unref?(): void }).unref?.();
  return keeper;
}
