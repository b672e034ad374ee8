import { spawn } from "node:child_process"; import { once } from "node:events"; import { readFileSync } from "node:fs";
import { createRig } from "./gateway-process.ts"; import { endpoint, pool, route, snapshot } from "./snapshots.ts";
const u = spawn(process.execPath, ["/tmp/perf/upstream.mjs"], { stdio: ["ignore", "pipe", "inherit"] }); const [l] = await once(u.stdout!, "data");
const rig = await createRig({ listeners: ["public"] });
rig.send(snapshot(1, { pools: [pool("web", [endpoint("a", Number(String(l)))])], routes: [route("all", "web")] }));
const g = rig.start(); g.child.stdout!.on("data", (d) => process.env.NF && process.stdout.write(d)); g.child.stderr!.pipe(process.stderr); await g.ready;
const run = async (port: number, clients: number, s: number, m: string) => { const c = spawn(process.execPath, ["/tmp/perf/load.mjs", String(port), String(clients), String(s), m], { stdio: ["ignore", "pipe", "inherit"] }); const [l] = await once(c.stdout!, "data"); return JSON.parse(String(l)); };
console.log(await run(rig.port("public"), 32, 8, process.argv[2] ?? "GET"));
await rig.dispose(); u.kill();
