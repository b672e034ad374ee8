import { parentPort, workerData } from "node:worker_threads";
import inspector from "node:inspector";
import { runGatewayWorker } from "../index.ts";
const s = new inspector.Session(); s.connect();
s.post("HeapProfiler.enable");
setTimeout(()=>{ s.post("HeapProfiler.startSampling",{samplingInterval:16384, includeObjectsCollectedByMajorGC:true} as any); setTimeout(()=>{ s.post("HeapProfiler.stopSampling",(e:any,r:any)=>{ 
 const out:any[]=[]; let total=0; const walk=(n:any,path:string[])=>{ const name=n.callFrame.functionName+" "+n.callFrame.url.split("/").slice(-2).join("/")+":"+n.callFrame.lineNumber; total+=n.selfSize; if(n.selfSize>0) out.push([n.selfSize,name, path.slice(-3).join(" < ")]); for(const c of n.children) walk(c,[...path,name]); }; walk(r.profile.head,[]);
 const by=new Map<string,number>(); for(const [sz,n] of out) by.set(n,(by.get(n)??0)+sz); console.error("total MB", total/1e6); for(const [n,sz] of [...by].sort((a,b)=>b[1]-a[1]).slice(0,40)) console.error((sz/1e6).toFixed(2),n); }); },3000); },3500);
runGatewayWorker({ port: parentPort as any, data: workerData });
