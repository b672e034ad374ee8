// Docker Swarm on one node of its own. Its ingress mesh needs a kernel with IP_VS, so the clients live in the overlay network and take turns over
// what the name server of Swarm says at every moment, which is the best that Swarm has: tasks that are unhealthy or gone are not in it.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { importImage, startDockerDaemon, whyNoDaemon } from "./docker-daemon.ts";
import type { Peer, Replica } from "./peer.ts";
import { APP_FILE } from "./supervised-app.ts";

const IMAGE = "peers-app:1";
const PORT = 8080;
const READY_MS = 60_000;

/** Options of one kind a line. */
const CREATE_SERVICE = [
  "service create --detach --no-resolve-image --name app --replicas 2",
  "--network peers --endpoint-mode dnsrr --env REPLICA={{.Task.ID}}",
  `--env PORT=${PORT} --env HOST=0.0.0.0`,
  "--health-interval 2s --health-timeout 3s --health-retries 3 --health-start-period 3s",
]
  .flatMap((line) => line.split(" "))
  .concat("--health-cmd", "exec node /app/check-health.mjs", IMAGE, "node", "/app/serve-app.mjs");

export const dockerSwarm: Peer = {
  id: "swarm",
  name: "Docker Swarm",
  set: "two tasks, restart delay 5 s (default); HEALTHCHECK each 2 s, timeout 3 s, three times; clients take turns over the names' answers",
  async prepare() {
    const absent = await whyNoDaemon();
    if (absent !== undefined) return { absent };
    const { stdout } = await promisify(execFile)("dockerd", ["--version"]);
    return { version: /version ([^,]+)/.exec(stdout)?.[1] ?? "unknown" };
  },
  async start(bench) {
    const daemon = await startDockerDaemon(bench);
    const { docker } = daemon;
    await importImage(bench, daemon, {
      tag: IMAGE,
      files: [APP_FILE, join(import.meta.dirname, "check-health.mjs")],
    });
    await docker("swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1:2377");
    await docker("network", "create", "--driver", "overlay", "--attachable", "peers");
    await docker(...CREATE_SERVICE);
    const replicas = async (): Promise<readonly Replica[]> => {
      const ids = (await docker("ps", "-q", "--filter", "label=com.docker.swarm.service.name=app")).split("\n");
      const found: Replica[] = [];
      for (const id of ids.filter((each) => each !== "")) {
        const state = await docker("inspect", "-f", "{{.State.Pid}} {{.State.Health.Status}}", id).catch(() => "");
        const [pid, health] = state.split(" ");
        if (health !== "healthy") continue;
        const environment = await readFile(`/proc/${pid}/environ`, "utf8");
        const says = environment.split("\0").find((line) => line.startsWith("REPLICA="));
        if (says !== undefined) found.push({ pid: Number(pid), says: says.slice("REPLICA=".length) });
      }
      return found;
    };
    const client = await docker("run", "-d", "--network", "peers", IMAGE, "node", "-e", "setInterval(() => {}, 1e9)");
    const networkOf = Number(await docker("inspect", "-f", "{{.State.Pid}}", client));
    const limit = performance.now() + READY_MS;
    while ((await replicas()).length < 2) {
      if (performance.now() > limit) throw new Error(`no two healthy tasks: ${await docker("service", "ps", "app")}`);
      await delay(250);
    }
    return {
      target: { kind: "names", name: "app", port: PORT, networkOf },
      replicas,
      stop: daemon.stop,
    };
  },
};
