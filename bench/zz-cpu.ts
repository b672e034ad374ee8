import { readFileSync } from "node:fs";
import { findTaggedProcesses } from "@flyball/wire";
import { readdirSync } from "node:fs"; import { join } from "node:path";
import { createAppRig } from "../test/support/app-rig.ts";
import { killLanguageUnderLoad } from "../test/support/kill-language.ts";
import { qaManifest } from "../test/support/qa-manifest.ts";
import { countReplies } from "../test/support/send-request.ts";
const rig = await createAppRig({ manifest: qaManifest(), environment: { FLYBALL_GOOD_WINDOW_MS: "2000" } });
const machine = (): number[] => readFileSync("/proc/stat","utf8").split("\n")[0]!.split(/\s+/).slice(1).map(n=>Number(n)*10);
async function appCpu(): Promise<Map<string, number>> {
  const [name] = readdirSync(join(rig.folder.path,"state"));
  const m = new Map<string, number>();
  for (const { stat, tag } of await findTaggedProcesses({ tag: `${name}/` }) as any[]) {
    const f = readFileSync(`/proc/${stat.pid}/stat`,"utf8"); const p=f.slice(f.lastIndexOf(")")+2).split(" ");
    const own=(Number(p[11])+Number(p[12]))*10, kids=(Number(p[13])+Number(p[14]))*10;
    const t = String(tag).split("/").slice(-2).join("/");
    m.set(t, (m.get(t)??0)+own); if (kids>0) m.set("dead children of "+t, kids);
  }
  return m;
}
try {
  await rig.up("--port", "5630");
  const b = await appCpu(); const m0 = machine(); const c0 = process.cpuUsage(); const t0=performance.now();
  const run = await killLanguageUnderLoad(rig, { durationMs: 20000 });
  const wall=performance.now()-t0; const a = await appCpu(); const m1 = machine(); const c1=process.cpuUsage(c0);
  const d = m1.map((v,i)=>v-m0[i]!); const busy = d[0]!+d[1]!+d[2]!+d[5]!+d[6]!; 
  const app = [...a].map(([k,v])=>[k, v-(b.get(k)??0)] as const);
  console.log(app.map(([k,v])=>`${k} ${v}`).join("\n"));
  const sum = app.reduce((s,[,v])=>s+v,0);
  console.log({ wall, appCpu: sum, client: (c1.user+c1.system)/1000, machineBusy: busy, idle: d[3], steal: d[7], failed: countReplies(run.failed) });
  const l = run.asked.map(x=>x.endedAt-x.startedAt).toSorted((x,y)=>x-y); console.log('p50', l[l.length>>1], 'n', l.length, run.kills.map(k=>k.attemptsLost));
} finally { await rig.dispose(); }
