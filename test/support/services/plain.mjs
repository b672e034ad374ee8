// Answers with 200, or with what STATUS says.
import { createServer } from "node:http";

createServer((request, response) => {
  response.statusCode = request.url === "/health" ? 200 : Number(process.env.STATUS ?? 200);
  response.end("ok");
}).listen(Number(process.env.PORT), process.env.HOST);
