// Serves what stood in the file RUNS when it started, and asks the tcp service at CACHE for each path. Without the file it leaves: it
// was started too early.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";

const runs = readFileSync(process.env.RUNS, "utf8").trimEnd().split("\n");
const [host, port] = process.env.CACHE.split(":");

createServer((request, response) => {
  if (request.url === "/runs") return response.end(JSON.stringify(runs));
  const socket = connect(Number(port), host, () => socket.write(request.url));
  socket.on("error", (error) => response.writeHead(502).end(error.code));
  return socket.once("data", (chunk) => {
    response.end(chunk);
    socket.end();
  });
}).listen(Number(process.env.PORT), process.env.HOST);
