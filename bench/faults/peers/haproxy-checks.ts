// HAProxy in front, with passive and active checks; the processes are kept by the restart loop.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../../gateway/machine/find-program.ts";
import { freePort } from "../../gateway/machine/free-port.ts";
import { startProgram } from "../../gateway/machine/start-program.ts";
import type { Peer } from "./peer.ts";
import { startSupervisedApp } from "./supervised-app.ts";
import { untilAnswered } from "./until-answered.ts";

export const haproxyChecks: Peer = {
  id: "haproxy",
  name: "HAProxy, passive and active",
  set: "httpchk each second, fall 3, rise 2; observe layer7, error-limit 10, mark-down; three retries, each elsewhere, also on 500 and a response timeout of 2 s; plain restart",
  async prepare() {
    const program = findProgram("haproxy");
    if (program === undefined) return { absent: "haproxy is not installed" };
    const { stdout } = await promisify(execFile)(program, ["-v"]);
    return { version: /version (\S+)/.exec(stdout)?.[1] ?? "unknown" };
  },
  async start(bench) {
    const app = await startSupervisedApp(bench);
    const port = await freePort();
    const file = join(bench.folder, `haproxy-${port}.cfg`);
    const servers = app.ports.map((each, index) => `  server app-${index} 127.0.0.1:${each}`).join("\n");
    await writeFile(
      file,
      `global
  nbthread 1
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 2s
  timeout check 1s
  retries 3
  option redispatch 1
  retry-on conn-failure empty-response response-timeout 500
frontend clients
  bind 127.0.0.1:${port}
  default_backend app
backend app
  balance roundrobin
  option httpchk GET /health
  default-server check inter 1s fall 3 rise 2 observe layer7 error-limit 10 on-error mark-down
${servers}
`,
    );
    const argv = [findProgram("haproxy") ?? "haproxy", "-db", "-f", file];
    const program = await startProgram(bench, `haproxy-${port}`, argv);
    const url = `http://127.0.0.1:${port}/`;
    await untilAnswered(url);
    return {
      target: { kind: "list", urls: [url] },
      replicas: async () => app.replicas(),
      async stop() {
        await program.stop();
        await app.stop();
      },
    };
  },
};
