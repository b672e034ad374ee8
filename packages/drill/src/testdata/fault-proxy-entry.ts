// The fault proxy as a process for tests: what the command line's entry is in production.
import { systemClock } from "@flyball/core";
import { mirrorEnd, runFaultProxy } from "../proxy/run-fault-proxy.ts";

await runFaultProxy(process.argv.slice(2), process.env, { clock: systemClock, random: Math.random }).then(
  mirrorEnd,
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 127;
  },
);
