// Writes two files twice each and makes a third, saying each time what is done. Argument: a folder.
import { join } from "node:path";
import { createFileSync, replaceFile, replaceFileSync } from "../replace-file.ts";

const [, , folder = ""] = process.argv;
const say = (what: string): void => void process.stdout.write(`${what}\n`);

for (let round = 1; round <= 2; round += 1) {
  await replaceFile(join(folder, "later"), `later ${round}`, { flush: round === 2 });
  say(`later ${round}`);
  replaceFileSync(join(folder, "now"), `now ${round}`, { flush: round === 2 });
  say(`now ${round}`);
}
createFileSync(join(folder, "once"), "once 1");
say("once 1");
createFileSync(join(folder, "once"), "once 2");
say("once, and not again");
