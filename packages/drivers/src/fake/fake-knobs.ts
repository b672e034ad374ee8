// What a fake instance does: how long it takes to start, when and how it ends, what it prints. A test of a failure is one value here.
import type { Workload } from "@flyball/core";
import type { Refusal } from "../v1/driver.ts";

/** How fake instances behave. All times run on the driver's clock. */
export interface FakeKnobs {
  /** Time until a start resolves. */
  readonly startDelayMs: number;
  /** Starts reject with FB_DRIVER_START_FAILED and this reason. */
  readonly failToStart: string | undefined;
  /** Ends by itself this long after its start. */
  readonly crashAfterMs: number | undefined;
  /** With which code; null means by SIGKILL. */
  readonly exitCode: number | null;
  /** How long the program needs after the stop signal. */
  readonly stopDelayMs: number;
  /** It does not heed the stop signal and is killed after the grace. */
  readonly ignoresStopSignal: boolean;
  /** Ports by name instead of the driver's own choice, to lead to a FakeUpstream. */
  readonly ports: Readonly<Record<string, number>>;
  /** Another program listens on the instance's first port: its name and process number. */
  readonly portHolder: string | undefined;
  /** Printed on standard output at the start. */
  readonly output: readonly string[];
  /** Fields that `plan` refuses. */
  readonly refuses: readonly Omit<Refusal, "service">[];
  /** What `measure` says: CPU cores in use and resident bytes. */
  readonly usage: { readonly cpus: number; readonly rssBytes: number };
  /** What `runCommand` answers, and after how long. */
  readonly runCommand: (command: readonly string[]) => FakeCommandResult;
  /** What `isStopped` says. */
  readonly isStopped: () => boolean;
}

/** The outcome of a command in a fake instance. */
export interface FakeCommandResult {
  readonly code: number;
  readonly output: string;
  readonly delayMs: number;
}

/** Knobs for all instances, or chosen for each start. */
export type FakeKnobsSource =
  | Partial<FakeKnobs>
  | ((workload: Workload, ordinal: number, start: number) => Partial<FakeKnobs>);

/** An instance that starts at once, runs until it is stopped and heeds its stop signal at once. */
export const DEFAULT_FAKE_KNOBS: FakeKnobs = {
  startDelayMs: 0,
  failToStart: undefined,
  crashAfterMs: undefined,
  exitCode: 1,
  stopDelayMs: 0,
  ignoresStopSignal: false,
  ports: {},
  portHolder: undefined,
  output: [],
  refuses: [],
  usage: { cpus: 0.1, rssBytes: 50 * 1024 * 1024 },
  runCommand: () => ({ code: 0, output: "", delayMs: 0 }),
  isStopped: () => false,
};
