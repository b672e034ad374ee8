// The programs of the conformance suite as real processes; the first argument is a ConformanceProgram as JSON.
import { spawn } from "node:child_process";
import type { ConformanceProgram } from "../../v1/conformance.ts";

const program = JSON.parse(process.argv[2] ?? "null") as ConformanceProgram;
const stayAlive = (): void => void setInterval(() => {}, 60_000);

switch (program.kind) {
  case "exits":
    setTimeout(() => process.exit(program.code), program.afterMs);
    break;
  case "stubborn":
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => {});
    process.stdout.write("ready\n");
    stayAlive();
    break;
  case "prints":
    process.stdout.write(program.lines.map((line) => `${line}\n`).join(""));
    stayAlive();
    break;
  case "detaches": {
    const script = "trap '' TERM INT HUP; echo $$; while :; do sleep 1; done";
    const child = spawn("sh", ["-c", script], { detached: true, stdio: ["ignore", "inherit", "inherit"] });
    child.unref();
    stayAlive();
    break;
  }
  default:
    stayAlive();
}
