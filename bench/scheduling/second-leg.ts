// The second leg: the real gateway before simulated engines, in wall time, on the arrivals that the simulation meets as well. What is asked is
// whether both put the policies into the same order.
//   node tools/launch.mjs run node bench/scheduling/second-leg.ts [--minutes 10] [--loads 0.7,1] [--replicas 2] [--together] [--data FOLDER]
// One run lasts as long as it says: three policies at two loads are an hour, a third of it with --together. Nothing is asserted.
import type { BalanceAlgorithm } from "@flyball/core";
import { createCleanUp } from "../gateway/machine/clean-up.ts";
import type { Trace } from "@flyball/sim";
import { numberOf, readCommandLine, UsageError, type BenchUsage } from "../support/command-line.ts";
import { describeMachine } from "../support/report.ts";
import { DATA_OPTION, requireDataFolder } from "./data-folder.ts";
import { drawArrivals, type ArrivalDraw } from "./second-leg/draw-arrivals.ts";
import { printLegs, sayLeg, type Leg } from "./second-leg/print-legs.ts";
import { replayArrivals } from "./second-leg/replay-arrivals.ts";
import { simulateArrivals } from "./second-leg/simulate-arrivals.ts";
import { startPool } from "./second-leg/start-pool.ts";
import { createTraceShelf, findTrace } from "./trace-files.ts";

const POLICIES: readonly BalanceAlgorithm[] = ["random", "round-robin", "least-load"];

const USAGE: BenchUsage = {
  file: "bench/scheduling/second-leg.ts",
  purpose: "The real gateway before simulated engines, in wall time: does it rank policies as the simulation does?",
  options: {
    minutes: { value: "N", says: `of each of the ${POLICIES.length} policies at each load; 10` },
    loads: { value: "N,N", says: "as parts of what the pool bears; 0.7,1" },
    replicas: { value: "N", says: "engines; 2" },
    together: { says: "the policies of a load at the same time, so that each meets the same machine" },
    data: DATA_OPTION,
  },
};

const { minutes, loads, replicas, isTogether, trace } = readCommandLine(USAGE, process.argv.slice(2), (line) => ({
  minutes: line.number("minutes", 0.1, true) ?? 10,
  loads: line.list("loads")?.map((text) => numberOf("--loads", text, 0.01, true)) ?? [0.7, 1],
  replicas: line.number("replicas", 1) ?? 2,
  isTogether: line.isOn("together"),
  trace: traceIn(requireDataFolder(line, process.env)),
}));
const legs: Leg[] = [];
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const cleanUp = createCleanUp(tell);

for (const load of loads) {
  const draw = drawArrivals(trace, { load, replicas, durationMs: minutes * 60_000 });
  for (const policies of isTogether ? [POLICIES] : POLICIES.map((policy) => [policy])) {
    tell(`${policies.join(", ")} at ${load}×: ${draw.requests.length} requests in ${minutes} min`);
    legs.push(...(await Promise.all(policies.map((policy) => runLeg(policy, load, draw)))));
  }
}
printLegs(legs);
console.log(`\n${describeMachine()}`);

async function runLeg(policy: BalanceAlgorithm, load: number, draw: ArrivalDraw): Promise<Leg> {
  const pool = await startPool(policy, replicas, cleanUp);
  try {
    const gateway = await replayArrivals(pool.origin, draw);
    const leg = { load, policy, gateway, simulation: simulateArrivals(draw, policy) };
    tell(`${policy}: ${sayLeg(leg)}`);
    return leg;
  } finally {
    await pool.stop();
  }
}

function traceIn(folder: string): Trace {
  if (findTrace(folder, "azure") === undefined) throw new UsageError(`${folder} has no trace of the kind azure`);
  return createTraceShelf(folder)("azure");
}
