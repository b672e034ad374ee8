// A program behind the proxy: plain answers, a model's stream, counters, a WebSocket handshake, and ends of every kind.
import { createHash } from "node:crypto";
import { createServer } from "node:http";

const port = Number(process.argv[2] ?? process.env.PORT);
const event = (content) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;

const server = createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const body = Buffer.concat(pieces).toString();
  const { pathname, searchParams } = new URL(request.url, "http://x");
  if (pathname === "/health") response.end("fine");
  else if (pathname === "/echo") response.setHeader("X-Method", request.method).end(body);
  else if (pathname === "/who") response.end(JSON.stringify({ pid: process.pid, port, tag: process.env.FLYBALL_INSTANCE, fault: process.env.FLYBALL_FAULT }));
  else if (pathname === "/answer") response.setHeader("content-type", "application/json").end(JSON.stringify({ choices: [{ message: { content: "the wind turns to the north" } }] }));
  else if (pathname === "/metrics") response.end('# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running{model="m"} 0\nvllm:generation_tokens_total 7\n');
  else if (pathname === "/exit") process.exit(Number(searchParams.get("code")));
  else if (pathname === "/kill") process.kill(process.pid, searchParams.get("signal"));
  else if (pathname === "/stream") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (let index = 0; index < 10; index += 1) {
      response.write(event(`word${index} `));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    response.end("data: [DONE]\n\n");
  } else response.writeHead(404).end();
});
server.on("upgrade", (request, socket) => {
  const key = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  // A frame of a client is masked, one of a server is not: short text frames only.
  socket.on("data", (frame) => {
    const text = frame.subarray(6).map((byte, index) => byte ^ frame[2 + (index % 4)]);
    socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  });
  socket.on("error", () => socket.destroy());
});
if (process.env.IGNORES_TERM) process.on("SIGTERM", () => console.log("asked to stop"));
if (process.env.EXITS_7_ON_TERM) process.on("SIGTERM", () => setTimeout(() => process.exit(7), 50));
server.listen(port, process.env.HOST, () => console.log(`listens, pid ${process.pid}`));
