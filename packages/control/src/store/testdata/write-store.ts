// Takes the steps of a store's life and says after each that it is done. Arguments: path, seed, number of steps.
import { writeSync } from "node:fs";
import { openSqliteStore } from "../sqlite-store.ts";
import { storeSteps } from "./store-steps.ts";

const [, , path = "", seed = "", count = ""] = process.argv;
const store = openSqliteStore(path);
let done = 0;
for (const step of storeSteps(Number(seed))) {
  if (done === Number(count)) break;
  step(store);
  done += 1;
  writeSync(1, `${done}\n`);
}
store.close();
