// A service with short and long answers: `POST /quick` answers after 20 ms, `GET /stream` sends an event each 100 ms for ten seconds and
// then an end mark. SIGTERM: takes nothing new, finishes what runs, then ends.
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

const EVENTS = 100;
const about = JSON.stringify({ pid: process.pid, version: process.env.VERSION });

const server = createServer(async (request, response) => {
  if (request.url === "/health") return response.end("ok\n");
  await request.resume().toArray();
  if (request.url !== "/stream") {
    await delay(20);
    return response.end(about);
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (let event = 1; event <= EVENTS; event += 1) {
    response.write(`id: ${event}\ndata: ${about}\n\n`);
    await delay(100);
  }
  return response.end("event: end\ndata: {}\n\n");
});
server.listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
