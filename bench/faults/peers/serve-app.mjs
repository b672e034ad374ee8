// The app of the peers' bench: answers after 50 ms with who it is. A signal makes it ill until its process ends: SIGUSR2 it answers nothing,
// SIGHUP half of its answers are errors, SIGWINCH it is ten times slower. `/health` is fine whatever happens, as it is in life.
// Plain JavaScript without imports of ours, for it also runs in a container that has nothing but Node.
import { createServer } from "node:http";

const USUAL_MS = 50;
const me = process.env.REPLICA ?? String(process.pid);
let illness = "none";
process.on("SIGUSR2", () => (illness = "silent"));
process.on("SIGHUP", () => (illness = "errors"));
process.on("SIGWINCH", () => (illness = "slow"));
process.on("SIGTERM", () => process.exit(0));

createServer((request, response) => {
  if (request.url === "/health") return void response.end("fine");
  if (illness === "silent") return;
  const waitMs = illness === "slow" ? 10 * USUAL_MS : USUAL_MS;
  setTimeout(() => {
    if (illness === "errors" && Math.random() < 0.5) response.statusCode = 500;
    response.end(me);
  }, waitMs);
}).listen(Number(process.env.PORT), process.env.HOST);
