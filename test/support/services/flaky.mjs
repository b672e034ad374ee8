// Answers 500 while the file `broken` holds its ordinal: a process that lives and whose requests fail.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const ordinal = (process.env.FLYBALL_INSTANCE ?? "").split("/").at(-1);
const server = createServer((_request, response) => {
  const isBroken = existsSync("broken") && readFileSync("broken", "utf8").trim() === ordinal;
  response.writeHead(isBroken ? 500 : 200).end(`${ordinal}\n`);
});
server.listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
