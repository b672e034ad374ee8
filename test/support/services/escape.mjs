// Starts a grandchild in a session of its own that ignores SIGTERM and SIGHUP, writes its pid to the file `escaped`, and stays.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";

const program =
  "for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => {}); setInterval(() => {}, 60_000); process.send('ready')";
const grandchild = spawn(process.execPath, ["-e", program], {
  detached: true,
  stdio: ["ignore", "ignore", "ignore", "ipc"],
});
grandchild.once("message", () => {
  writeFileSync("escaped", String(grandchild.pid));
  grandchild.disconnect();
  grandchild.unref();
  console.log(`started ${grandchild.pid}`);
});
setInterval(() => undefined, 60_000);
