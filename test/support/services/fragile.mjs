// Leaves at SIGUSR2 with the exit code that stands in the file `code`.
import { readFileSync } from "node:fs";

process.on("SIGUSR2", () => {
  const code = Number(readFileSync("code", "utf8"));
  console.log(`leaving with ${code}`);
  process.exit(code);
});
console.log("waiting for SIGUSR2");
setInterval(() => undefined, 60_000);
