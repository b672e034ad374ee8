// nginx in front, with its passive checks; the processes are kept by the restart loop.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../../gateway/machine/find-program.ts";
import { freePort } from "../../gateway/machine/free-port.ts";
import { startProgram } from "../../gateway/machine/start-program.ts";
import { configureNginx } from "../../gateway/upstream/nginx-configuration.ts";
import type { Peer } from "./peer.ts";
import { startSupervisedApp } from "./supervised-app.ts";
import { untilAnswered } from "./until-answered.ts";

export const nginxPassive: Peer = {
  id: "nginx",
  name: "nginx, passive",
  set: "max_fails 1, fail_timeout 10 s (defaults); next upstream on error, timeout and 500; connect 1 s, read 2 s; plain restart",
  async prepare() {
    const program = findProgram("nginx");
    if (program === undefined) return { absent: "nginx is not installed" };
    const { stderr } = await promisify(execFile)(program, ["-v"]);
    return { version: stderr.trim().replace("nginx version: nginx/", "") };
  },
  async start(bench) {
    const app = await startSupervisedApp(bench);
    const port = await freePort();
    const servers = app.ports.map((each) => `server 127.0.0.1:${each};`).join(" ");
    const argv = await configureNginx({
      program: findProgram("nginx") ?? "nginx",
      folder: join(bench.folder, `nginx-${port}`),
      workers: 1,
      http: `
  upstream app { zone app 64k; ${servers} keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_connect_timeout 1s;
      proxy_read_timeout 2s;
      proxy_next_upstream error timeout http_500;
    }
  }`,
    });
    const program = await startProgram(bench, `nginx-${port}`, argv);
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
