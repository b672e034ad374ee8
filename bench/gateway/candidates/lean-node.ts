// The least that a gateway on Node can be: Node's own HTTP server in front of kept connections, and nothing in between. What of Flyball's cost is
// Node's, and what is ours, is the difference to this one.
import { freePort } from "../machine/free-port.ts";
import { roleCommand } from "../role.ts";
import { UPSTREAM_MODEL } from "../upstream/answers.ts";
import type { Candidate } from "./candidate.ts";
import { ANY_KEY, startProxy } from "./proxy-candidate.ts";

/** See `serveLean`. */
export const leanNode: Candidate = {
  name: "lean node",
  hasWorkers: false,
  prepare: () => Promise.resolve({ version: process.versions.node }),
  async start({ bench, upstreams: { jsonPort, pacedPort } }) {
    const port = await freePort();
    return startProxy(bench, {
      name: "lean-node",
      argv: roleCommand("lean", JSON.stringify({ port, jsonPort, pacedPort })),
      target: (kind) => ({
        url: `http://127.0.0.1:${port}/${kind}/v1/chat/completions`,
        headers: {},
        models: [UPSTREAM_MODEL],
        keys: [ANY_KEY],
      }),
    });
  },
};
