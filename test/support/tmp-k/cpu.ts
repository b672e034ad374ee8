import { qaManifest } from "/work/main/test/support/qa-manifest.ts";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { createAppRig } from "/work/main/test/support/app-rig.ts";
import { startOpenLoop } from "/work/main/test/support/open-loop.ts";
import { sendRequest } from "/work/main/test/support/send-request.ts";
import { unknownQuestions } from "/work/main/test/support/qa-questions.ts";
const rig = await createAppRig({ manifest: qaManifest(), environment: { FLYBALL_GOOD_WINDOW_MS: "2000" } });
const cpu = (pid: number): number => { const f = readFileSync(`/proc/${pid}/stat`,"utf8"); const p=f.slice(f.lastIndexOf(")")+2).split(" "); return (Number(p[11])+Number(p[12]))*10; };
try {
await rig.up("--port", "5610");
const status = await rig.status();
const pids = [...status.services.flatMap(s=>s.instances.map(i=>[i.instance,i.pid!] as const)), ["gateway",status.gateway.pid!] as const];
const url = (await rig.url("question"))+"/ask"; const qs = unknownQuestions();
for (const rate of [20, 50]) {
const before = pids.map(([,p])=>cpu(p)); const b0 = process.cpuUsage();
const loop = startOpenLoop({ perSecond: rate, send: (i) => sendRequest({url, method:"POST", headers:{"content-type":"application/x-www-form-urlencoded"}, body:new URLSearchParams({question:qs[i]!}).toString(), limitMs:20000})});
await delay(8000); const r = await loop.stop();
const l = r.map(a=>a.endedAt-a.startedAt).toSorted((a,b)=>a-b);
console.log(rate, 'n', r.length, 'latency p50',l[l.length>>1],'p95',l[Math.floor(l.length*.95)],'max',l.at(-1), 'client cpu', process.cpuUsage(b0).user/1000/r.length);
console.log(pids.map(([n,p],i)=>`${n} ${((cpu(p)-before[i]!)/r.length).toFixed(1)} ms`).join(", "), 'sum', pids.reduce((s,[,p],i)=>s+cpu(p)-before[i]!,0)/r.length);
}
} finally { await rig.dispose(); }
