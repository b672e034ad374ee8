// The second leg: the real gateway before simulated engines, in wall time, on the arrivals that the simulation meets as well. What is asked is
// whether both put the policies into the same order.
//   node tools/launch.mjs run node bench/scheduling/second-leg.ts [--minutes 10] [--loads 0.7,1] [--replicas 2] [--data FOLDER]
// One run lasts as long as it says: three policies at two loads are an hour. Nothing is asserted.
import { parseArgs } from "node:util";
import type { BalanceAlgorithm } from "@flyball/core";
import { createCleanUp } from "../gateway/machine/clean-up.ts";
import { describeMachine } from "../support/report.ts";
import { drawArrivals } from "./second-leg/draw-arrivals.ts";
import { printLegs, sayLeg, type Leg } from "./second-leg/print-legs.ts";
import { replayArrivals } from "./second-leg/replay-arrivals.ts";
import { simulateArrivals } from "./second-leg/simulate-arrivals.ts";
import { startPool } from "./second-leg/start-pool.ts";
import { createTraceShelf } from "./trace-files.ts";

const POLICIES: readonly BalanceAlgorithm[] = ["random", "round-robin", "least-load"];

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    loads: { type: "string", default: "0.7,1" },
    replicas: { type: "string", default: "2" },
    data: { type: "string" },
  },
});
const dataFolder = values.data ?? process.env["FLYBALL_DATA"];
if (dataFolder === undefined) throw new Error("say where the traces are: --data FOLDER or FLYBALL_DATA");
const replicas = Number(values.replicas);
const trace = createTraceShelf(dataFolder)("azure");
const legs: Leg[] = [];
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const cleanUp = createCleanUp(tell);

for (const load of values.loads.split(",").map(Number)) {
  const draw = drawArrivals(trace, { load, replicas, durationMs: Number(values.minutes) * 60_000 });
  for (const policy of POLICIES) {
    tell(`${policy} at ${load}×: ${draw.requests.length} requests in ${values.minutes} min`);
    const pool = await startPool(policy, replicas, cleanUp);
    try {
      const gateway = await replayArrivals(pool.origin, draw);
      const leg = { load, policy, gateway, simulation: simulateArrivals(draw, policy) };
      legs.push(leg);
      tell(sayLeg(leg));
    } finally {
      await pool.stop();
    }
  }
}
printLegs(legs);
console.log(`\n${describeMachine()}`);
