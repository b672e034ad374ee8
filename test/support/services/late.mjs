// Listens on its port only once the file `go` exists, and leaves when somebody else holds the port by then.
import { existsSync } from "node:fs";
import { createServer } from "node:http";

const server = createServer((_request, response) => response.end(`here at ${process.env.PORT}\n`));
server.on("error", (error) => {
  console.error(`${error.code} on port ${process.env.PORT}`);
  process.exit(98);
});
const waiting = setInterval(() => {
  if (!existsSync("go")) return;
  clearInterval(waiting);
  server.listen(Number(process.env.PORT), process.env.HOST);
}, 10);
