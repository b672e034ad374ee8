// A job: takes TAKES_MS, then adds a line to the file RUNS and ends well.
import { appendFileSync } from "node:fs";

setTimeout(
  () => {
    appendFileSync(process.env.RUNS, `${process.pid}\n`);
    console.log("job done");
  },
  Number(process.env.TAKES_MS ?? 0),
);
