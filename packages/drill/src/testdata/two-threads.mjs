// A program of ours as a victim: a main thread that answers, and a worker that is started again when it ends.
import { createServer } from "node:http";
import { Worker } from "node:worker_threads";

let exits = 0;
let lastError = "";
const startWorker = () => {
  const worker = new Worker("setInterval(() => {}, 1000)", { eval: true, resourceLimits: { maxOldGenerationSizeMb: 32 } });
  worker.on("error", (error) => (lastError = error.code ?? error.message));
  worker.on("exit", () => {
    exits += 1;
    startWorker();
  });
};
startWorker();
const server = createServer((request, response) => response.end(JSON.stringify({ exits, lastError })));
server.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("listens"));
