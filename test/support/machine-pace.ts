// How busy the machine is with other work. Limits of time are promises about a machine that is there for the app; a test that runs beside
// a build multiplies them by what it measured, and prints it.
import { spawn } from "node:child_process";

const WORK = "let sum = 0; for (let n = 0; n < 2e7; n += 1) sum += n % 7; const { user, system } = process.cpuUsage(); console.log((user + system) / 1000)";

/** Wall time of a short Node process over the processor time that it used: 1 on a quiet machine, never less. */
export async function machinePace(): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ["-e", WORK], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  for await (const chunk of child.stdout) output += String(chunk);
  const wallMs = performance.now() - startedAt;
  return Math.max(1, wallMs / Number(output));
}
