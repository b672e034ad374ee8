// A tcp service on PORT that answers every line with `cached: <line>`.
import { createServer } from "node:net";

createServer((socket) => {
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => socket.write(`cached: ${chunk}`));
}).listen(Number(process.env.PORT), process.env.HOST);
