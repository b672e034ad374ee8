import { parentPort, workerData } from "node:worker_threads";
import v8 from "node:v8"; import vm from "node:vm";
import { runGatewayWorker } from "../index.ts";
v8.setFlagsFromString("--expose-gc"); const gc = vm.runInNewContext("gc");
setInterval(()=>{ const a=process.memoryUsage(); gc(); const b=process.memoryUsage(); console.error("before", (a.heapUsed/1e6).toFixed(0), "after gc", (b.heapUsed/1e6).toFixed(1), "total", (b.heapTotal/1e6).toFixed(0), "ext", (b.external/1e6).toFixed(0), "rss", (b.rss/1e6).toFixed(0)); console.error(JSON.stringify(v8.getHeapSpaceStatistics().map(s=>[s.space_name, (s.space_size/1e6).toFixed(0)]))); },2500).unref();
runGatewayWorker({ port: parentPort as any, data: workerData });
