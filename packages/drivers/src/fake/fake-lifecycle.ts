// Starting, stopping and restarting of fake instances, as the contract of drivers asks.
import { FlyballError, sleep, type InstanceObservation, type StartContext, type Workload } from "@flyball/core";
import type { DesiredWorkload, Refusal } from "../v1/driver.ts";
import { planInstances, type ReservedOrdinal } from "../v1/plan-instances.ts";
import { settleAll } from "../v1/settle-all.ts";
import { throwRefused } from "../v1/throw-refused.ts";
import type { FakeInstance } from "./fake-target.ts";
import { knobsFor, noteCall, observations, type FakeState } from "./fake-state.ts";

/** What the knobs refuse of these workloads. */
export function refuseFakeFields(state: FakeState, workloads: readonly Workload[]): readonly Refusal[] {
  return workloads.flatMap((workload) =>
    knobsFor(state, workload, 0).refuses.map((refusal) => ({ ...refusal, service: workload.service })),
  );
}

/** The instance, or FB_DRIVER_UNKNOWN_INSTANCE. */
export function knownInstance(state: FakeState, handle: string): FakeInstance {
  const instance = state.target.get(handle);
  if (!instance) throw new FlyballError("FB_DRIVER_UNKNOWN_INSTANCE", { handle });
  return instance;
}

/** See `Driver.apply`. */
export async function applyFake(
  state: FakeState,
  desired: DesiredWorkload,
  context: StartContext,
  signal: AbortSignal,
): Promise<readonly InstanceObservation[]> {
  const { workload, replicas } = desired;
  const { service, specHash, stopGraceMs: graceMs, stopSignal } = workload;
  signal.throwIfAborted();
  noteCall(state, "apply", { service, replicas });
  throwRefused("fake", refuseFakeFields(state, [workload]));
  const plan = planInstances([desired], observations(state), [...state.reserved]);
  for (const place of plan.starts) state.reserved.add(place);
  await settleAll([
    ...plan.starts.map((place) => start(state, place, { workload, context, signal })),
    ...plan.stops.map(({ handle }) => stopFake(state, handle, { graceMs, stopSignal }, signal)),
  ]);
  return observations(state).filter(
    (one) => one.service === service && one.specHash === specHash && one.state === "running",
  );
}

/** See `Driver.restart`. */
export async function restartFake(
  state: FakeState,
  handle: string,
  program: { readonly workload: Workload; readonly context: StartContext },
  signal: AbortSignal,
): Promise<InstanceObservation> {
  signal.throwIfAborted();
  const { service, specHash, stopGraceMs: graceMs, stopSignal } = program.workload;
  const { ordinal } = knownInstance(state, handle).observation;
  noteCall(state, "restart", { service, handle });
  const others = observations(state).filter((one) => one.state === "running" && one.handle !== handle);
  if ([...others, ...state.reserved].some((one) => one.service === service && one.ordinal === ordinal)) {
    throw new FlyballError("FB_DRIVER_ORDINAL_TAKEN", { instance: `${service}/${ordinal}` });
  }
  const place = { service, ordinal, specHash };
  state.reserved.add(place);
  try {
    await stopFake(state, handle, { graceMs, stopSignal }, signal);
    return await start(state, place, { ...program, signal });
  } finally {
    state.reserved.delete(place);
  }
}

/** See `Driver.stop`. */
export async function stopFake(
  state: FakeState,
  handle: string,
  options: { readonly graceMs: number; readonly stopSignal: string },
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const instance = state.target.get(handle);
  if (!instance || instance.observation.state === "exited") return;
  const { stopDelayMs, ignoresStopSignal } = instance.knobs;
  const isKilled = ignoresStopSignal || stopDelayMs > options.graceMs;
  const waitMs = isKilled ? options.graceMs : stopDelayMs;
  if (waitMs > 0) await sleep(state.clock, waitMs, signal);
  state.target.end(handle, { code: null, signal: isKilled ? "SIGKILL" : options.stopSignal, wasRequested: true });
}

async function start(
  state: FakeState,
  place: ReservedOrdinal,
  program: { readonly workload: Workload; readonly context: StartContext; readonly signal: AbortSignal },
): Promise<InstanceObservation> {
  const { workload, context, signal } = program;
  const { service, ordinal } = place;
  state.starts += 1;
  const knobs = knobsFor(state, workload, ordinal);
  try {
    signal.throwIfAborted();
    if (knobs.startDelayMs > 0) await sleep(state.clock, knobs.startDelayMs, signal);
    if (knobs.failToStart !== undefined) {
      throw new FlyballError("FB_DRIVER_START_FAILED", { service, reason: knobs.failToStart });
    }
    return state.target.start({ workload, ordinal, revision: context.revision, knobs }).observation;
  } finally {
    state.reserved.delete(place);
  }
}
