// A real process, a real disk, a real kill -9.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { replayJournals } from "./replay.ts";
import { readLines } from "./testdata/read-lines.ts";

const ENTRY = join(import.meta.dirname, "testdata", "journal-process.ts");
const OPTIONS = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];

/** Runs until it has made two thousand calls and some turns more, then is killed. */
async function runAndKill(folder: string, writer: string, turns: number): Promise<void> {
  const child = spawn(process.execPath, [...OPTIONS, ENTRY, folder, writer], { stdio: ["ignore", "pipe", "inherit"] });
  let seen = 0;
  child.stdout.on("data", (data: Buffer) => {
    seen += data.length;
    if (seen > turns) child.kill("SIGKILL");
  });
  await once(child, "exit");
}

describe("a gateway that is killed with two hundred calls in flight", () => {
  it("leaves a journal from which every call is settled once and the budget is exact", async () => {
    await using folder = await createTemporaryFolder();
    for (const [life, turns] of [3, 17, 40].entries()) {
      await runAndKill(folder.path, `life${life}`, turns);
      const { spent, lostCalls } = replayJournals({
        folder: folder.path,
        writer: `life${life}-lost`,
        identity: { pid: 1, startTicks: 0, bootId: "" },
        // The limits of the process stand in a day of their own.
        now: Date.UTC(2025, 0, 1, 1),
        isAlive: () => false,
      });
      expect(lostCalls).toBeGreaterThan(100);
      const settled = new Map<string, number>();
      const reserved = new Set<string>();
      let sum = 0;
      for (const name of readdirSync(folder.path).filter((file) => file.endsWith(".journal"))) {
        for (const line of readLines(readFileSync(join(folder.path, name)))) {
          if (line.type === "reserve") reserved.add(line.id);
          if (line.type !== "settle") continue;
          settled.set(line.record.id, (settled.get(line.record.id) ?? 0) + 1);
          for (const [, amount, period] of line.limits) if (period !== undefined) sum += amount;
        }
      }
      // What was made last may not be on disk yet, and that is how much a fast processor makes before the first write.
      expect(reserved.size).toBeGreaterThan(500 * life);
      expect([...reserved].filter((id) => settled.get(id) !== 1)).toEqual([]);
      expect(spent.get("key:k usd/day")?.amount).toBe(sum);
    }
  }, 60_000);
});
