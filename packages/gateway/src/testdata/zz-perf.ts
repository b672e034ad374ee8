import { spawn } from "node:child_process"; import { once } from "node:events"; import { readFileSync } from "node:fs";
import { createRig } from "./gateway-process.ts"; import { endpoint, pool, route, snapshot } from "./snapshots.ts";
const cpu = (pid: number) => { const f = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" "); return (Number(f[11]) + Number(f[12])) * 10_000; };
import { readdirSync } from "node:fs";
const threads = (pid: number) => Object.fromEntries(readdirSync(`/proc/${pid}/task`).map(t => { const x = readFileSync(`/proc/${pid}/task/${t}/stat`, "utf8"); const f = x.split(") ")[1]!.split(" "); return [t, [Number(f[11]) * 10_000, Number(f[12]) * 10_000, x.slice(x.indexOf("(")+1, x.indexOf(")"))]]; }));
const diff = (a: any, b: any, n: number) => Object.keys(b).map(t => [b[t][2], ((b[t][0] - (a[t]?.[0] ?? 0)) / n).toFixed(1), ((b[t][1] - (a[t]?.[1] ?? 0)) / n).toFixed(1)].join(":")).filter(x => !x.endsWith(":0.0:0.0")).join(" ");
const ups = []; const eps = [];
for (let i=0;i<Number(process.env.UPS ?? 1);i++){ const u = spawn(process.execPath, ["/tmp/perf/upstream.mjs"], { stdio: ["ignore", "pipe", "inherit"] }); const [l] = await once(u.stdout!, "data"); ups.push(u); eps.push(endpoint(`web/${i}@1`, Number(String(l)), {capacity: 64})); }
const rig = await createRig({ listeners: ["public"], workers: Number(process.env.W ?? 1) });
rig.send(snapshot(1, { pools: [pool("web", eps)], routes: [route("all", "web")] }));
const g = rig.start(); const rss=()=>/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${g.pid}/status`, "utf8"))![1]; g.child.stderr!.pipe(process.stderr); await g.ready; console.log("rss idle", rss());
const run = async (port: number, clients: number, s: number, m: string) => { const c = spawn(process.execPath, ["/tmp/perf/load.mjs", String(port), String(clients), String(s), m], { stdio: ["ignore", "pipe", "inherit"] }); const [l] = await once(c.stdout!, "data"); return JSON.parse(String(l)); };
const b = spawn(process.execPath, [new URL("./zz-base.mjs", import.meta.url).pathname, String(eps[0]!.address.port)], { stdio: ["ignore", "pipe", "inherit"] }); const bport = Number(String((await once(b.stdout!, "data"))[0]));
for (const m of (process.env.M ?? "GET,POST").split(",")) { await run(rig.port("public"), 16, 2, m); await run(bport, 16, 2, m); for (let i=0;i<3;i++) {
  const c0 = cpu(g.pid), th0 = threads(g.pid); const r = await run(rig.port("public"), 32, 3, m); const c1 = cpu(g.pid), th1 = threads(g.pid);
  const u0 = cpu(b.pid!), tb0 = threads(b.pid!); const d = await run(bport, 32, 3, m); const u1 = cpu(b.pid!), tb1 = threads(b.pid!);
  console.log(m, "gateway", r.n/3|0, "req/s", r.p50, r.p99, "cpu", ((c1 - c0) / r.n).toFixed(1), "| minimal undici proxy", d.n/3|0, d.p50, d.p99, "cpu", ((u1 - u0) / d.n).toFixed(1)); console.log("   gw:", diff(th0, th1, r.n), "| min:", diff(tb0, tb1, d.n)); } }
const one = await run(rig.port("public"), 1, 2, "GET"), oned = await run(eps[0]!.address.port, 1, 2, "GET"); console.log("sequential gw", one, "direct", oned);
console.log("rss MB", Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${g.pid}/status`, "utf8"))![1]) / 1024);
await rig.dispose(); for (const u of ups) u.kill(); b.kill();
