// Twenty minutes of calls with faults and clients that leave: what the gateway holds must come back to where it was. Prints a row each
// minute, then the baseline beside the end. `node tools/launch.mjs run node bench/gateway-soak.ts [minutes]`
import { runSoak } from "../packages/gateway/src/testdata/soak.ts";

const MINUTE_MS = 60_000;
const minutes = Number(process.argv[2] ?? 20);
let minute = 0;
console.log("minute  calls  RSS MiB  descriptors  in flight  waiting");
const { before, rows, after } = await runSoak({
  milliseconds: minutes * MINUTE_MS,
  everyMs: MINUTE_MS,
  clients: 24,
  onRow({ rssMiB, descriptors, inFlight, waiting }, calls) {
    minute += 1;
    const cells = [
      [minute, 6],
      [calls, 6],
      [rssMiB, 8],
      [descriptors, 12],
      [inFlight, 10],
      [waiting, 8],
    ] as const;
    console.log(cells.map(([value, width]) => String(value).padStart(width)).join(" "));
  },
});
const warm = rows[Math.min(2, rows.length - 1)];
console.log(
  `before ${JSON.stringify(before)}; after warm-up ${JSON.stringify(warm)}; at the end of the load ${JSON.stringify(rows.at(-1))}; ` +
    `at rest ${JSON.stringify(after)}`,
);
