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
// Threads beside the one that serves, as a gateway's arbiter is, before it and after it: they are not meant.
const startBeside = async () => {
  const beside = new Worker("setInterval(() => {}, 1000)", { eval: true, workerData: { role: "arbiter" } });
  beside.on("error", () => (lastError = "a thread beside ended"));
  await new Promise((resolve) => beside.once("online", resolve));
};
await startBeside();
startWorker();
await startBeside();
const server = createServer((request, response) => response.end(JSON.stringify({ exits, lastError })));
server.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("listens"));
