// HAProxy as a plain reverse proxy. Without `http-no-delay` it holds small pieces of a stream back.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../machine/find-program.ts";
import { freePort } from "../machine/free-port.ts";
import { UPSTREAM_MODEL } from "../upstream/answers.ts";
import type { Candidate } from "./candidate.ts";
import { ANY_KEY, startProxy } from "./proxy-candidate.ts";

/** HAProxy with keep-alive to the upstreams. */
export const haproxy: Candidate = {
  name: "haproxy",
  hasWorkers: true,
  async prepare() {
    const program = findProgram("haproxy");
    if (program === undefined) return { absent: "haproxy is not installed" };
    const { stdout } = await promisify(execFile)(program, ["-v"]);
    return { version: /version (\S+)/.exec(stdout)?.[1] ?? "unknown" };
  },
  async start({ bench, upstreams, workers }) {
    const port = await freePort();
    const name = `haproxy-${workers}`;
    const file = join(bench.folder, `${name}.cfg`);
    await writeFile(
      file,
      `global
  nbthread ${workers}
  maxconn 8192
defaults
  mode http
  option http-keep-alive
  option http-no-delay
  http-reuse always
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
frontend clients
  bind 127.0.0.1:${port} backlog 2048
  use_backend paced if { path_beg /pace }
  default_backend json
backend json
  server json 127.0.0.1:${upstreams.jsonPort} pool-max-conn -1
backend paced
  server paced 127.0.0.1:${upstreams.pacedPort} pool-max-conn -1
`,
    );
    return startProxy(bench, {
      name,
      argv: [findProgram("haproxy") ?? "haproxy", "-db", "-f", file],
      target: (kind) => ({
        url: `http://127.0.0.1:${port}/${kind}/v1/chat/completions`,
        headers: {},
        models: [UPSTREAM_MODEL],
        keys: [ANY_KEY],
      }),
    });
  },
};
