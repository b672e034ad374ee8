// Flyball as its users run it: the packed command, `flyball up -d` with a state folder of its own, so keeper and control plane run beside
// the gateway.
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { appProcesses, killHard, type AppProcesses } from "../../../test/support/app-processes.ts";
import { installPacked } from "../../../test/support/packed-install.ts";
import { createAppRig, type AppRig } from "../../../test/support/app-rig.ts";
import { untilAnswered } from "../load/until-answered.ts";
import { ageMilliseconds } from "../machine/accounting.ts";
import { freePort } from "../machine/free-port.ts";
import type { Candidate, CandidateStart, RunningCandidate } from "./candidate.ts";
import { aliasesOf, FEATURES, flyballManifest, TENANT, type Features } from "./flyball-candidate.ts";
import { UPSTREAM_MODEL } from "../upstream/answers.ts";

const START_LIMIT_MS = 30_000;
/** Keys that are made at once. */
const KEYS_AT_ONCE = 20;

/** This checkout, as it would be installed, with everything on. */
export const flyball = flyballWith("flyball", FEATURES);

/** The same with less on, so that it shows what each part costs. */
export const flyballParts: readonly Candidate[] = [
  flyballWith("flyball plain", { ...FEATURES, models: 0, keys: 0, limits: false }),
  flyballWith("flyball models", { ...FEATURES, keys: 0, limits: false }),
  flyballWith("flyball keys", { ...FEATURES, limits: false }),
].map((candidate) => ({ ...candidate, isOnRequest: true }));

function flyballWith(name: string, features: Features): Candidate {
  return {
    name,
    hasWorkers: true,
    async prepare(bench) {
      if (!existsSync(installFolder(bench))) {
        await mkdir(installFolder(bench));
        bench.tell("packs and installs this checkout");
        await installPacked(installFolder(bench));
      }
      return { version: "this checkout, packed" };
    },
    async start(options) {
      const port = await freePort();
      options.bench.cleanUp.requireOpen();
      const command = join(installFolder(options.bench), "node_modules", ".bin", "flyball");
      const rig = await createAppRig({ command, manifest: flyballManifest({ ...options, port, features }) });
      const stop = options.bench.cleanUp.defer(() => rig.dispose());
      try {
        return await runningFlyball(options, { rig, port, stop, features });
      } catch (error) {
        await stop();
        throw error;
      }
    },
  };
}

function installFolder({ folder }: Pick<CandidateStart["bench"], "folder">): string {
  return join(folder, "flyball");
}

/** Makes the keys that clients send. */
async function makeKeys(rig: AppRig, wanted: number): Promise<readonly string[]> {
  const client = rig.client();
  const keys: string[] = [];
  while (keys.length < wanted) {
    const count = Math.min(KEYS_AT_ONCE, wanted - keys.length);
    const batch = Array.from({ length: count }, () => client.createKey({ tenant: TENANT }));
    keys.push(...(await Promise.all(batch)).map(({ value }) => value));
  }
  return keys;
}

async function runningFlyball(
  { bench }: CandidateStart,
  started: {
    readonly rig: AppRig;
    readonly port: number;
    readonly stop: () => Promise<void>;
    readonly features: Features;
  },
): Promise<RunningCandidate> {
  const { rig, port, stop, features } = started;
  const isPlain = features.models === 0;
  let keys: readonly string[] = [];
  const target: RunningCandidate["target"] = (kind) => ({
    url: `http://127.0.0.1:${port}${isPlain ? `/${kind}` : ""}/v1/chat/completions`,
    headers: {},
    models: isPlain ? [UPSTREAM_MODEL] : aliasesOf(kind, features),
    keys,
  });
  const answered = (): Promise<void> => untilAnswered({ ...target("small"), kind: "small", limitMs: START_LIMIT_MS });
  const upAt = performance.now();
  await rig.up();
  if (features.keys > 0) keys = await makeKeys(rig, 1);
  await answered();
  bench.tell(`  flyball up to its first answer: ${(performance.now() - upAt).toFixed(0)} ms`);
  keys = await makeKeys(rig, features.keys);
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
