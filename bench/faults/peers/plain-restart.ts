// No gateway: a restart loop keeps the two processes, and the clients go round a fixed list of them.
import type { Peer } from "./peer.ts";
import { startSupervisedApp } from "./supervised-app.ts";

export const plainRestart: Peer = {
  id: "restart",
  name: "plain restart",
  set: "restarted 100 ms after an exit; clients take turns over a fixed list of two",
  prepare: async () => ({ version: "own loop" }),
  async start(bench) {
    const app = await startSupervisedApp(bench);
    return {
      target: { kind: "list", urls: app.ports.map((port) => `http://127.0.0.1:${port}/`) },
      replicas: async () => app.replicas(),
      stop: app.stop,
    };
  },
};
