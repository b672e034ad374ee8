// Answers and is healthy only while what it needs answers: its URL stands in NEEDS.
import { createServer, get } from "node:http";

createServer((_request, response) => {
  get(process.env.NEEDS, (answer) => {
    answer.resume();
    response.statusCode = answer.statusCode === 200 ? 200 : 503;
    response.end();
  })
    .on("error", () => {
      response.statusCode = 503;
      response.end();
    })
    .setTimeout(300, function () {
      this.destroy(new Error("no answer"));
    });
}).listen(Number(process.env.PORT), process.env.HOST);
