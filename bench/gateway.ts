// What the gateway costs, against the direct path and other gateways, in turns within one run on the loopback interface: CPU time for
// each request and each chunk, requests a second, added latency, streams held, memory, cold start. Tables and one line of JSON on
// stdout, progress on stderr. bench/README.md says what each figure means.
//   node tools/launch.mjs run node bench/gateway.ts [--quick] [--rounds N] [--only nginx,flyball] [--workloads json-1k,chunks]
import { readOptions, USAGE } from "./gateway/options.ts";
import { printReport } from "./gateway/report/print-report.ts";
import { playRole } from "./gateway/play-role.ts";
import { runBench } from "./gateway/run-bench.ts";
import { readCommandLine } from "./support/command-line.ts";

const [first, role, argument] = process.argv.slice(2);
if (first === "--role") await playRole(role, argument);
else printReport(await runBench(readCommandLine(USAGE, process.argv.slice(2), readOptions)));
