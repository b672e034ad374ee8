// Leaves with exit code 3 at its first start; at the next one it answers on its port.
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

if (!existsSync("tried")) {
  writeFileSync("tried", "");
  console.error("the disk is not there yet");
  process.exit(3);
}
createServer((_request, response) => response.end("fine\n")).listen(Number(process.env.PORT), process.env.HOST);
