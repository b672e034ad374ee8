// Portkey's open gateway, the other one that runs on Node. It is installed from the registry into the bench's cache when it is first
// needed; the overrides are the versions that its own release was tested with.
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { benchCacheFolder } from "../machine/find-program.ts";
import { runProgram } from "../machine/run-program.ts";
import { freePort } from "../machine/free-port.ts";
import { UPSTREAM_MODEL } from "../upstream/answers.ts";
import type { Candidate } from "./candidate.ts";
import { ANY_KEY, startProxy } from "./proxy-candidate.ts";

const VERSION = "1.15.2";
const INSTALL_LIMIT_MS = 120_000;
const PACKAGE = {
  private: true,
  dependencies: { "@portkey-ai/gateway": VERSION },
  overrides: { "@hono/node-server": "1.13.8", hono: "4.9.7" },
};
/** Portkey listens on every address; the bench keeps to the loopback interface. */
const LOOPBACK_ONLY = `import { Server } from "node:net";
const { listen } = Server.prototype;
Server.prototype.listen = function (port, host, ...rest) {
  return listen.call(this, port, "127.0.0.1", ...rest.filter((value) => typeof value === "function"), ...(typeof host === "function" ? [host] : []));
};`;

const folder = (): string => join(benchCacheFolder(), `portkey-${VERSION}`);
const program = (): string => join(folder(), "node_modules", "@portkey-ai", "gateway", "build", "start-server.js");

/** Portkey without its page. */
export const portkey: Candidate = {
  name: "portkey",
  hasWorkers: false,
  async prepare(bench, mayInstall) {
    if (existsSync(program())) return { version: VERSION };
    if (!mayInstall) return { absent: "not in the bench's cache" };
    bench.tell(`installing @portkey-ai/gateway ${VERSION} into ${folder()}`);
    try {
      await mkdir(folder(), { recursive: true });
      await writeFile(join(folder(), "package.json"), JSON.stringify(PACKAGE));
      const argv = ["npm", "install", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"];
      await runProgram(bench, argv, { limitMs: INSTALL_LIMIT_MS, folder: folder() });
    } catch (error) {
      return { absent: `could not be installed: ${String(error).split("\n")[0]}` };
    }
    return existsSync(program()) ? { version: VERSION } : { absent: "the package has no start-server.js" };
  },
  async start({ bench, upstreams }) {
    const port = await freePort();
    const preload = `data:text/javascript,${encodeURIComponent(LOOPBACK_ONLY)}`;
    return startProxy(bench, {
      name: "portkey",
      argv: [process.execPath, "--import", preload, program(), `--port=${port}`, "--headless"],
      environment: { NODE_ENV: "production" },
      target: (kind) => ({
        url: `http://127.0.0.1:${port}/v1/chat/completions`,
        headers: { "x-portkey-provider": "openai", "x-portkey-custom-host": upstreams.baseUrl(kind) },
        models: [UPSTREAM_MODEL],
        keys: [ANY_KEY],
      }),
    });
  },
};
