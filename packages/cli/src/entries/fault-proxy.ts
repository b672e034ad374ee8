// The fault proxy as a process: a drill starts instances through it.
import { systemClock } from "@flyball/core";
import { mirrorEnd, runFaultProxy } from "@flyball/drill";

const NOT_STARTED = 127;

await runFaultProxy(process.argv.slice(2), process.env, { clock: systemClock, random: Math.random }).then(
  mirrorEnd,
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(NOT_STARTED);
  },
);
