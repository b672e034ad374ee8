// Flyball as its users run it: `flyball up -d` with a state folder of its own, so keeper and control plane run beside the gateway.
import { appProcesses, killHard, type AppProcesses } from "../../../test/support/app-processes.ts";
import { createAppRig, type AppRig } from "../../../test/support/app-rig.ts";
import { untilAnswered } from "../load/until-answered.ts";
import { ageMilliseconds } from "../machine/accounting.ts";
import { freePort } from "../machine/free-port.ts";
import type { Candidate, CandidateStart, RunningCandidate } from "./candidate.ts";
import { aliasesOf, clientKeys, flyballManifest } from "./flyball-candidate.ts";

const START_LIMIT_MS = 30_000;

/** This checkout. */
export const flyball: Candidate = {
  name: "flyball",
  hasWorkers: true,
  prepare: () => Promise.resolve({ version: "this checkout" }),
  async start(options) {
    const port = await freePort();
    options.bench.cleanUp.requireOpen();
    const rig = await createAppRig({ manifest: flyballManifest({ ...options, port }) });
    const stop = options.bench.cleanUp.defer(() => rig.dispose());
    try {
      return await runningFlyball(options, { rig, port, stop });
    } catch (error) {
      await stop();
      throw error;
    }
  },
};

async function runningFlyball(
  { bench }: CandidateStart,
  started: { readonly rig: AppRig; readonly port: number; readonly stop: () => Promise<void> },
): Promise<RunningCandidate> {
  const { rig, port, stop } = started;
  const target: RunningCandidate["target"] = (kind) => ({
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: {},
    models: aliasesOf(kind),
    keys: clientKeys(),
  });
  const answered = (): Promise<void> => untilAnswered({ ...target("small"), kind: "small", limitMs: START_LIMIT_MS });
  const upAt = performance.now();
  await rig.up();
  await answered();
  bench.tell(`  flyball up to its first answer: ${(performance.now() - upAt).toFixed(0)} ms`);
  let processes: AppProcesses = await appProcesses(rig.stateFolder());
  return {
    target,
    servingPids: () => [processes.gateway.pid],
    besidePids: () => [processes.keeper.pid, processes.control.pid],
    /** The keeper holds the listening socket: a call that comes after the kill is answered as soon as the new gateway serves. */
    async coldStartMs() {
      await killHard(processes.gateway);
      await answered();
      const answeredAt = performance.now();
      processes = await appProcesses(rig.stateFolder());
      const age = ageMilliseconds(processes.gateway.pid);
      return age - (performance.now() - answeredAt);
    },
    stop,
  };
}
