// Pains 10 and 12 of the reference list: a machine whose packets vanish, and what becomes of it when it is back. In a network namespace of its own, so
// that nothing of this machine is touched; it needs root, iptables and unshare.
import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

interface Seen {
  readonly failed: number;
  readonly slow: number;
  readonly secondsAway: number;
  readonly backAfterMs: number | null;
  readonly shareAtFirst: number;
  readonly shareAtLast: number;
}

const run = promisify(execFile);
const canUnshare = ((): boolean => {
  try {
    execFileSync("unshare", ["-n", "iptables", "-S"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
const SECONDS_AWAY = process.env["FLYBALL_TEST_LONG"] === "1" ? 30 : 12;

async function loseNode(): Promise<Seen> {
  const script = join(import.meta.dirname, "../testdata/lose-node.ts");
  const flags = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];
  const line = [process.execPath, ...flags, script, String(SECONDS_AWAY)];
  const { stdout } = await run("unshare", ["-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", ...line]);
  return JSON.parse(stdout) as Seen;
}

describe.runIf(canUnshare)("a machine that is cut off while requests come", () => {
  it("pain 10: costs nobody a request, and three seconds later only a probe now and then; pain 12: is used again within five seconds, gently", async () => {
    const seen = await loseNode();
    console.info(seen);
    expect(seen.failed).toBe(0);
    // A probe at a time, each given up at its limit.
    expect(seen.slow).toBeLessThanOrEqual(Math.ceil((seen.secondsAway - 3) / 1.5));
    // The longest pause between two probes is five seconds; one more is for a busy machine.
    expect(seen.backAfterMs ?? Infinity).toBeLessThanOrEqual(6_000);
    expect(seen.shareAtFirst).toBeLessThan(0.4);
    expect(seen.shareAtLast).toBeGreaterThan(0.35);
  }, 120_000);
});
