// Flyball as its users run it: the packed command, `flyball up -d` with a state folder of its own, so keeper and control plane run beside
// the gateway.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { appProcesses, killHard, type AppProcesses } from "../../../test/support/app-processes.ts";
import { installPacked } from "../../../test/support/packed-install.ts";
import { createAppRig, type AppRig } from "../../../test/support/app-rig.ts";
import { untilAnswered } from "../load/until-answered.ts";
import { ageMilliseconds } from "../machine/accounting.ts";
import { freePort } from "../machine/free-port.ts";
import type { Candidate, CandidateStart, RunningCandidate } from "./candidate.ts";
import { aliasesOf, FEATURES, flyballManifest, TENANT } from "./flyball-candidate.ts";

const START_LIMIT_MS = 30_000;
/** Keys that are made at once. */
const KEYS_AT_ONCE = 20;

/** This checkout, as it would be installed. */
export const flyball: Candidate = {
  name: "flyball",
  hasWorkers: true,
  async prepare(bench) {
    await mkdir(installFolder(bench));
    bench.tell("packs and installs this checkout");
    await installPacked(installFolder(bench));
    return { version: "this checkout, packed" };
  },
  async start(options) {
    const port = await freePort();
    options.bench.cleanUp.requireOpen();
    const command = join(installFolder(options.bench), "node_modules", ".bin", "flyball");
    const rig = await createAppRig({ command, manifest: flyballManifest({ ...options, port }) });
    const stop = options.bench.cleanUp.defer(() => rig.dispose());
    try {
      return await runningFlyball(options, { rig, port, stop });
    } catch (error) {
      await stop();
      throw error;
    }
  },
};

function installFolder({ folder }: Pick<CandidateStart["bench"], "folder">): string {
  return join(folder, "flyball");
}

/** Makes the keys that clients send. */
async function makeKeys(rig: AppRig): Promise<readonly string[]> {
  const client = rig.client();
  const keys: string[] = [];
  while (keys.length < FEATURES.keys) {
    const count = Math.min(KEYS_AT_ONCE, FEATURES.keys - keys.length);
    const batch = Array.from({ length: count }, () => client.createKey({ tenant: TENANT }));
    keys.push(...(await Promise.all(batch)).map(({ value }) => value));
  }
  return keys;
}

async function runningFlyball(
  { bench }: CandidateStart,
  started: { readonly rig: AppRig; readonly port: number; readonly stop: () => Promise<void> },
): Promise<RunningCandidate> {
  const { rig, port, stop } = started;
  let keys: readonly string[] = [];
  const target: RunningCandidate["target"] = (kind) => ({
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: {},
    models: aliasesOf(kind),
    keys,
  });
  const answered = (): Promise<void> => untilAnswered({ ...target("small"), kind: "small", limitMs: START_LIMIT_MS });
  const upAt = performance.now();
  await rig.up();
  keys = [(await rig.client().createKey({ tenant: TENANT })).value];
  await answered();
  bench.tell(`  flyball up to its first answer: ${(performance.now() - upAt).toFixed(0)} ms`);
  keys = await makeKeys(rig);
  await answered();
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
