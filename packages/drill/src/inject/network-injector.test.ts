// Packets that vanish, in a network namespace of its own, so that nothing of this machine is touched. It needs root, iptables and unshare.
import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { systemClock } from "@flyball/core";
import { createTemporaryFolder } from "@flyball/fakes";
import { createNetworkInjector } from "./network-injector.ts";

const run = promisify(execFile);
const canUnshare = ((): boolean => {
  try {
    execFileSync("unshare", ["-n", "iptables", "-S"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

describe("a cut network", () => {
  it.runIf(canUnshare)(
    "loses the packets of one port, and is mended by a word, the lease keeper and a sweep",
    async () => {
      const folder = await createTemporaryFolder("fbn-");
      try {
        const script = join(import.meta.dirname, "../testdata/cut-network.ts");
        const flags = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];
        const line = [process.execPath, ...flags, script, folder.path];
        const { stdout } = await run("unshare", ["-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", ...line]);
        expect(JSON.parse(stdout)).toEqual({
          before: "fine",
          whyNot: null,
          droppedIn: "TimeoutError",
          other: "fine",
          droppedOut: "TimeoutError",
          rejected: "ECONNREFUSED",
          undone: "fine",
          chainsAfterUndo: [],
          afterDeath: "fine",
          afterSweep: "fine",
          swept: ["partition"],
          chainsAtLast: [],
          rulesAtLast: ["-P INPUT ACCEPT", "-P FORWARD ACCEPT", "-P OUTPUT ACCEPT"],
        });
      } finally {
        await folder.dispose();
      }
    },
  );

  it("says why not where there is no filter, and where the victim has no address", async () => {
    const injector = createNetworkInjector({ clock: systemClock, folder: "/nowhere", leaseKeeper: [] });
    const order = {
      fault: "partition",
      injection: { kind: "network", direction: "both", method: "drop" },
      leaseMs: 1_000,
    } as const;
    expect(await injector.whyNot(order, { service: "a", processes: [] })).toEqual({
      code: "no-address",
      service: "a",
    });
    const victim = { service: "a", processes: [], address: { host: "127.0.0.1", port: 1 } };
    const path = process.env["PATH"];
    process.env["PATH"] = "/nowhere";
    try {
      expect((await injector.whyNot(order, victim))?.code).toMatch(/no-program|not-root/);
    } finally {
      process.env["PATH"] = path;
    }
  });
});
