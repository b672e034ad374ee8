// Takes the steps of a store's life on a disk that becomes full on the way and has room again later. Says of each step whether it was taken or
// refused. Arguments: path, seed, number of steps, the step before which there is room again.
import { writeSync } from "node:fs";
import { isFlyballError } from "@flyball/core";
import { openSqliteStore } from "../sqlite-store.ts";
import { contentOf, storeSteps } from "./store-steps.ts";

const [, , path = "", seed = "", count = "", roomBefore = ""] = process.argv;
const store = openSqliteStore(path);
let at = 0;
for (const step of storeSteps(Number(seed))) {
  if (at === Number(count)) break;
  if (at === Number(roomBefore)) {
    process.kill(process.pid, "SIGUSR2");
    await new Promise((resolve) => setTimeout(resolve, 20));
    store.catchUp();
  }
  try {
    step(store);
    writeSync(1, "taken\n");
  } catch (error) {
    if (!isFlyballError(error, "FB_CONTROL_STORE_UNWRITABLE")) throw error;
    writeSync(1, `refused: ${error.message}\n`);
  }
  contentOf(store);
  at += 1;
}
store.close();
