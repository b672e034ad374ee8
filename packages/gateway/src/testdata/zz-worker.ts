import { parentPort, workerData } from "node:worker_threads";
import inspector from "node:inspector"; import fs from "node:fs";
import { runGatewayWorker } from "../index.ts";
const s = new inspector.Session(); s.connect();
s.post("Profiler.enable"); 
setTimeout(()=>{ s.post("Profiler.start"); setTimeout(()=>{ s.post("Profiler.stop",(e:any,r:any)=>{ fs.writeFileSync("/tmp/perf/w.cpuprofile",JSON.stringify(r.profile)); console.error("heap", JSON.stringify(process.memoryUsage())); }); },2500); },3200);
runGatewayWorker({ port: parentPort as any, data: workerData });
