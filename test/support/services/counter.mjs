// Counts what it does: `/work` takes 300 ms, writes the request's id (header `x-id`) into the file COUNT_FILE, then answers. A request
// that is executed twice has its id there twice.
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

const server = createServer(async (request, response) => {
  if (request.url === "/health") return response.end("ok\n");
  const id = request.headers["x-id"];
  await request.resume().toArray();
  await delay(300);
  appendFileSync(process.env.COUNT_FILE, `${id}\n`);
  return response.end(JSON.stringify({ id, pid: process.pid }));
});
server.listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
