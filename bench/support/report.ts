// What every bench prints: the machine it ran on, and its numbers as a Markdown table that can be copied into RESULTS.md.
import { cpus, loadavg, release, totalmem } from "node:os";

/** One line about the machine, with the load that it already had. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const load = loadavg()[0]?.toFixed(1) ?? "?";
  const memory = (totalmem() / 1024 ** 3).toFixed(0);
  return `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpu?.model.trim() ?? "cpu"}, ${memory} GiB, Linux ${release()}, Node ${process.version}, load ${load} at the end`;
}

/** The value below which the share of the numbers lies (nearest rank). */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Prints a Markdown table. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`| ${head.join(" | ")} |\n|${head.map(() => "---|").join("")}`);
  for (const row of rows) console.log(`| ${row.join(" | ")} |`);
}
