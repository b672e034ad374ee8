// Twenty minutes of calls with faults and clients that leave: what the gateway holds must come back to where it was. Prints a row each
// minute, then the baseline, the state after the warm-up, and what is left at rest. `node tools/launch.mjs run node bench/gateway-soak.ts [minutes]`
import { runSoak, type Holdings } from "../packages/gateway/src/testdata/soak.ts";
import { readCommandLine, type BenchUsage } from "./support/command-line.ts";

const USAGE: BenchUsage = {
  file: "bench/gateway-soak.ts",
  purpose: "What a gateway holds under faults and disconnects, and whether it comes back to where it was.",
  words: [{ name: "minutes", says: "how long, whole or a part; 20" }],
};
const MINUTE_MS = 60_000;
const minutes = readCommandLine(USAGE, process.argv.slice(2), (line) => line.number("minutes", 0.1, true) ?? 20);
const COLUMNS = [
  ["RSS MiB", "rssMiB"],
  ["heap MiB", "heapMiB"],
  ["descriptors", "descriptors"],
  ["timers", "timers"],
  ["sockets", "sockets"],
  ["maps", "maps"],
  ["entries", "entries"],
  ["kept answers", "keptAnswers"],
  ["reserved", "reserved"],
  ["in flight", "inFlight"],
  ["waiting", "waiting"],
] as const;
const line = (minute: string, calls: string, cells: readonly (readonly [title: string, value: string])[]): string =>
  [minute.padStart(7), calls.padStart(8), ...cells.map(([title, value]) => value.padStart(title.length))].join("  ");
const rowOf = (minute: string, calls: string, holdings: Holdings): string =>
  line(
    minute,
    calls,
    COLUMNS.map(([title, name]) => [title, String(holdings[name])]),
  );

console.log("Timers, sockets, maps (and sets) and the entries in them: of all threads, after a collection of garbage.");
console.log(
  line(
    "minute",
    "calls",
    COLUMNS.map(([title]) => [title, title]),
  ),
);
let minute = 0;
const { before, rows, after, calls } = await runSoak({
  milliseconds: minutes * MINUTE_MS,
  everyMs: MINUTE_MS,
  clients: 24,
  onRow(holdings, made) {
    minute += 1;
    console.log(rowOf(String(minute), String(made), holdings));
  },
});
console.log(rowOf("before", "0", before));
const warm = rows[Math.min(2, rows.length - 1)];
if (warm) console.log(rowOf("warm", "", warm));
console.log(rowOf("rest", String(calls), after));
