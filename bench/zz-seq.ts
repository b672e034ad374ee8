import { readFileSync } from "node:fs";
import { sendRequest } from "../test/support/send-request.ts";
import { unknownQuestions } from "../test/support/qa-questions.ts";
const pids = process.argv.slice(2).map(p=>p.split("=")) as [string,string][];
const cpu = (pid: string): number => { const f = readFileSync(`/proc/${pid}/stat`,"utf8"); const p=f.slice(f.lastIndexOf(")")+2).split(" "); return (Number(p[11])+Number(p[12]))*10; };
const qs = unknownQuestions();
for (const n of [200, 400, 400]) {
  const b = pids.map(([,p])=>cpu(p)); const t=performance.now();
  for (let i=0;i<n;i++) await sendRequest({url:"http://127.0.0.1:5640/ask",method:"POST",headers:{"content-type":"application/x-www-form-urlencoded"},body:new URLSearchParams({question:qs[(i*7)%qs.length]!}).toString(),limitMs:20000});
  console.log(n, ((performance.now()-t)/n).toFixed(1)+" ms each", pids.map(([k,p],i)=>`${k} ${((cpu(p)-b[i]!)/n).toFixed(2)}`).join(" "), 'sum', (pids.reduce((s,[,p],i)=>s+cpu(p)-b[i]!,0)/n).toFixed(1));
}
