// What a fake driver holds: its target, its knobs, the calls that were made of it, and the ordinals that are being filled right now.
import type { Clock, InstanceObservation, Workload } from "@flyball/core";
import type { ReservedOrdinal } from "../v1/plan-instances.ts";
import { DEFAULT_FAKE_KNOBS, type FakeKnobs, type FakeKnobsSource } from "./fake-knobs.ts";
import type { FakeTarget } from "./fake-target.ts";

const KEPT_CALLS = 10_000;

/** A call that was made, for tests that ask whether and in which order. */
export interface FakeDriverCall {
  readonly method: "apply" | "restart" | "stop" | "forget" | "runCommand";
  readonly service: string;
  readonly handle: string | undefined;
  readonly replicas: number | undefined;
  readonly at: number;
}

/** The state of one fake driver; shared by the functions that make it up. */
export interface FakeState {
  readonly clock: Clock;
  readonly target: FakeTarget;
  /** The newest 10,000, oldest first. */
  readonly calls: FakeDriverCall[];
  /** As many as starts are under way. */
  readonly reserved: Set<ReservedOrdinal>;
  knobsSource: FakeKnobsSource;
  starts: number;
}

/** The knobs for the next start of an ordinal. */
export function knobsFor(state: FakeState, workload: Workload, ordinal: number): FakeKnobs {
  const { knobsSource, starts } = state;
  const chosen = typeof knobsSource === "function" ? knobsSource(workload, ordinal, starts) : knobsSource;
  return { ...DEFAULT_FAKE_KNOBS, ...chosen };
}

/** Remembers a call. */
export function noteCall(
  state: FakeState,
  method: FakeDriverCall["method"],
  call: { readonly service?: string; readonly handle?: string; readonly replicas?: number },
): void {
  const { handle, replicas } = call;
  const service =
    call.service ?? (handle === undefined ? undefined : state.target.get(handle)?.observation.service) ?? "";
  state.calls.push({ method, service, handle, replicas, at: state.clock.now() });
  if (state.calls.length > KEPT_CALLS) state.calls.shift();
}

/** All instances of the target, exited ones included. */
export function observations(state: FakeState): readonly InstanceObservation[] {
  return state.target.instances().map((instance) => instance.observation);
}
