import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { expect, it } from "vitest";
import { createDeadWriters } from "./dead-writers.ts";
import { journalFileName } from "./journal-disk.ts";
import { createLedgerRig } from "./testdata/ledger-rig.ts";
import { readLines, storyOf } from "./testdata/read-lines.ts";

it("settles the calls of a dead worker once the disk takes it, and brings nobody down before", async () => {
  await using folder = await createTemporaryFolder();
  const rig = createLedgerRig({ "key:k": { concurrency: 10 } }, { writer: "w" });
  for (const requestId of ["a", "b", "c"]) rig.attempt(rig.open({ requestId }));
  await rig.clock.advance(20);
  rig.disk.crashInto(folder.path, 0);
  const told: string[] = [];
  const { clock } = rig;
  const writers = createDeadWriters({
    folder: folder.path,
    identity: { pid: 1, startTicks: 0, bootId: "" },
    clock,
    logger: createLogger({ clock, level: "error", write: (line) => void told.push(line) }),
    newWriter: () => "lost",
  });
  const path = join(folder.path, journalFileName("lost", 1));
  mkdirSync(path);
  writers.add("w");
  expect([writers.settle(), writers.settle()]).toEqual([0, 0]);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(`${path} cannot be written`);
  rmdirSync(path);
  expect([writers.settle(), writers.settle()]).toEqual([3, 0]);
  expect(storyOf(readLines(readFileSync(path)))).toEqual(["-a", "-b", "-c"]);
});
