// Flyball as it comes: a manifest with two replicas and a health check, nothing tuned.
import { readFileSync } from "node:fs";
import { createAppRig } from "../../../test/support/app-rig.ts";
import { freePort } from "../../gateway/machine/free-port.ts";
import type { Peer } from "./peer.ts";
import { APP_FILE } from "./supervised-app.ts";
import { untilAnswered } from "./until-answered.ts";

export const flyballPeer: Peer = {
  id: "flyball",
  name: "Flyball",
  set: "two replicas and a health check; everything else as it comes",
  prepare: async () => ({ version: "this checkout" }),
  async start(bench) {
    bench.cleanUp.requireOpen();
    const port = await freePort();
    const rig = await createAppRig({
      files: { "serve-app.mjs": readFileSync(APP_FILE, "utf8") },
      manifest: `name: peers
services:
  app:
    command: [node, serve-app.mjs]
    replicas: 2
    ports: [{ name: http, published: ${port} }]
    healthcheck: { http: /health }
`,
    });
    const stop = bench.cleanUp.defer(() => rig.dispose());
    await rig.up();
    const url = `${await rig.url("app")}/`;
    await untilAnswered(url);
    return {
      target: { kind: "list", urls: [url] },
      async replicas() {
        const instances = await rig.instances("app");
        return instances.flatMap(({ pid }) => (pid === null ? [] : [{ pid, says: String(pid) }]));
      },
      stop,
    };
  },
};
