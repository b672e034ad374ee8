// Answers with its pid after TAKES_MS; as many requests at once as come.
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

const server = createServer(async (request, response) => {
  if (request.url !== "/health") await delay(Number(process.env.TAKES_MS));
  response.end(`${process.pid}\n`);
});
server.listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
