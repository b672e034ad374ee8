// The optional powers of the fake driver: CPU and memory, commands, addresses before the start, strangers on a port.
import { FlyballError, sleep, type Address, type ResourceUsage, type Workload } from "@flyball/core";
import type { ForeignListener } from "../v1/powers.ts";
import { fixedPort } from "./fake-ports.ts";
import { knownInstance } from "./fake-lifecycle.ts";
import { knobsFor, noteCall, type FakeState } from "./fake-state.ts";

/** See `MeasuresResources`. */
export function measureFake({ target, clock }: FakeState): readonly ResourceUsage[] {
  return target
    .instances()
    .filter(({ observation }) => observation.state === "running")
    .map(({ observation, knobs }) => ({
      handle: observation.handle,
      cpuSeconds: ((clock.now() - observation.startedAt) / 1_000) * knobs.usage.cpus,
      rssBytes: knobs.usage.rssBytes,
      at: clock.now(),
    }));
}

/** See `RunsCommands`. */
export async function runFakeCommand(
  state: FakeState,
  handle: string,
  wish: { readonly command: readonly string[]; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<{ readonly code: number; readonly output: string }> {
  signal.throwIfAborted();
  const { observation, knobs } = knownInstance(state, handle);
  noteCall(state, "runCommand", { handle });
  const { code, output, delayMs } = knobs.runCommand(wish.command);
  const waitMs = Math.min(delayMs, wish.timeoutMs);
  if (waitMs > 0) await sleep(state.clock, waitMs, signal);
  if (delayMs < wish.timeoutMs) return { code, output };
  throw new FlyballError("FB_DRIVER_COMMAND_TIMED_OUT", {
    command: wish.command.join(" "),
    instance: `${observation.service}/${observation.ordinal}`,
    timeoutMs: wish.timeoutMs,
  });
}

/** See `KnowsAddresses`. */
export function addressOfFake(state: FakeState, workload: Workload, portName: string): Address | undefined {
  const spec = workload.ports.find((port) => port.name === portName);
  if (!spec) return undefined;
  const fixed = knobsFor(state, workload, 0).ports[portName] ?? fixedPort(spec);
  if (fixed === undefined && spec.protocol === "http") return undefined;
  return { host: "127.0.0.1", port: fixed ?? state.target.ports.stablePort(workload, 0, portName) };
}

/** See `ChecksListeners`. */
export function foreignListenerOfFake(state: FakeState, handle: string): ForeignListener | undefined {
  const { observation, knobs } = knownInstance(state, handle);
  const [address] = Object.values(observation.addresses);
  if (address === undefined || knobs.portHolder === undefined) return undefined;
  return { port: address.port, holder: knobs.portHolder };
}
