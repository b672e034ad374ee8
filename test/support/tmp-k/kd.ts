import { qaManifest } from "/work/main/test/support/qa-manifest.ts";
import { createAppRig } from "/work/main/test/support/app-rig.ts";
import { killLanguageUnderLoad } from "/work/main/test/support/kill-language.ts";
import { openGatewayPages } from "/work/main/test/support/gateway-pages.ts";
const rig = await createAppRig({ manifest: qaManifest(), environment: { FLYBALL_GOOD_WINDOW_MS: "2000" } });
try {
await rig.up("--port", "5610");
const run = await killLanguageUnderLoad(rig, { durationMs: 20000 });
const g: Record<string, number> = {};
for (const f of run.failed) { const k = `${Math.round(f.endedAt/1000)} ${f.status} ${f.failure} ${f.body.slice(0,120)}`; g[k]=(g[k]??0)+1; }
console.log(g, run.kills, run.throughLanguage, run.worstLatenessMs, run.incidents.map(i=>[i.summary,(i.recoveredAt??0)-i.began.lastGood, i.detectedAt-i.began.lastGood, i.actions.map(a=>a.at-i.began.lastGood+' '+a.action)]));
const l = run.asked.map(a=>a.endedAt-a.startedAt).toSorted((a,b)=>a-b); console.log('latency p50',l[l.length>>1],'p95',l[Math.floor(l.length*.95)],'max',l.at(-1));
const p = await openGatewayPages(rig);
for (const o of ["succeeded","server-error","refused","reset","timeout","cancelled"]) console.log(o, await p.count("flyball_attempts_total",{pool:"language",outcome:o}));
console.log('retries', await p.count("flyball_retries_total",{pool:"language"}));
} finally { await rig.dispose(); }
