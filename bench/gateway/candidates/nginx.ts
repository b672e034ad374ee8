// nginx as a plain reverse proxy: the least that a proxy written in C does for a request.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../machine/find-program.ts";
import { freePort } from "../machine/free-port.ts";
import { UPSTREAM_MODEL } from "../upstream/answers.ts";
import { configureNginx } from "../upstream/nginx-configuration.ts";
import type { Upstreams } from "../upstream/start-upstreams.ts";
import type { Candidate } from "./candidate.ts";
import { ANY_KEY, startProxy } from "./proxy-candidate.ts";

/** nginx with keep-alive to the upstreams; streams are not buffered. */
export const nginx: Candidate = {
  name: "nginx",
  hasWorkers: true,
  async prepare() {
    const program = findProgram("nginx");
    if (program === undefined) return { absent: "nginx is not installed" };
    const { stderr } = await promisify(execFile)(program, ["-v"]);
    return { version: stderr.trim().replace("nginx version: nginx/", "") };
  },
  async start({ bench, upstreams, workers }) {
    const port = await freePort();
    const name = `nginx-${workers}`;
    const argv = await configureNginx({
      program: findProgram("nginx") ?? "nginx",
      folder: join(bench.folder, name),
      workers,
      http: proxyConfiguration(port, upstreams),
    });
    return startProxy(bench, {
      name,
      argv,
      target: (kind) => ({
        url: `http://127.0.0.1:${port}/${kind}/v1/chat/completions`,
        headers: {},
        models: [UPSTREAM_MODEL],
        keys: [ANY_KEY],
      }),
    });
  },
};

function proxyConfiguration(port: number, { jsonPort, pacedPort }: Upstreams): string {
  const upstream = (name: string, to: number): string =>
    `  upstream ${name} { server 127.0.0.1:${to}; keepalive 1024; keepalive_requests 1000000000; keepalive_timeout 600s; }`;
  return `${upstream("json", jsonPort)}
${upstream("paced", pacedPort)}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_buffer_size 32k;
  proxy_buffers 8 32k;
  server {
    listen 127.0.0.1:${port} backlog=2048;
    location / { proxy_pass http://json; }
    location /pace { proxy_pass http://paced; proxy_buffering off; }
  }`;
}
