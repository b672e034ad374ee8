import { createRig } from "./gateway-process.ts";
import { endpoint, key, model, pool, route, snapshot } from "./snapshots.ts";
import { open, send } from "./test-client.ts";
import { startUpstream, type Answer } from "./test-upstream.ts";
const mode = process.argv[2];
const mute: Answer = () => undefined;
const headersOnly: Answer = (_request, response) => void response.writeHead(200).flushHeaders();
const streams: Answer = (_request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const timer = setInterval(() => response.write('data: {"choices":[{"delta":{"content":"x"}}]}\n\n'), 10);
  response.once("close", () => clearInterval(timer));
};
const web = await startUpstream();
const rig = await createRig({ listeners: ["public", "models", "admin"], secrets: { "@keys": "s" } });
rig.send(snapshot(1, { listeners: ["public", "models", "admin"], pools: [pool("web", [endpoint("web/0@1", web.port)])], routes: [route("all", "web")], models: [model("chat", ["web"])], keys: [key("k", "s", ["chat"])] }));
const g = rig.start(); g.child.stderr!.pipe(process.stderr); await g.ready;
const answers: Record<string, Answer> = { mute, headersOnly, streams };
const list = mode==="all"? [mute,headersOnly,streams] : [answers[mode!]!];
web.answer = (a, b, c) => list[web.received.length % list.length]!(a, b, c);
const kind = process.argv[3];
for (let round = 0; round < 20; round += 1) {
  const requests = Array.from({ length: 50 }, (_, index) => {
    const isModel = kind === "both" ? index % 2 === 0 : kind === "model";
    const request = open({ port: rig.port(isModel ? "models" : "public"), path: isModel ? "/v1/chat/completions" : "/", method: "POST", headers: { authorization: "Bearer k" } });
    request.end(isModel ? '{"model":"chat","stream":true}' : "x");
    return request;
  });
  await new Promise((resolve) => setTimeout(resolve, round * 3));
  for (const request of requests) request.destroy();
}
await new Promise((r) => setTimeout(r, 1000));
console.log(mode, kind, (await send({ port: rig.port("admin"), path: "/endpoints" })).text, "open", web.openSockets, "recv", web.received.length, "unaborted", web.received.filter(r=>r.abortedAt===undefined).map(r=>r.url+" "+r.body.length));
console.log((await send({ port: rig.port("admin"), path: "/metrics" })).text.split("\n").filter(l=>/attempts_total|open_conn|requests_total|retries/.test(l)&&!/ 0$/.test(l)).join("\n"));
if (!(await send({ port: rig.port("admin"), path: "/endpoints" })).text.includes(`"inFlight":0`)) { const { execSync } = await import("node:child_process"); console.log("STUCK", process.pid, g.pid, "public", rig.port("public"), "models", rig.port("models"), "up", web.port); const {readFileSync} = await import("node:fs"); for (const l of readFileSync("/proc/net/tcp","utf8").split("\n").slice(1)) { const f=l.trim().split(/\s+/); if(!f[1]) continue; const lp=parseInt(f[1].split(":")[1]!,16), rp=parseInt(f[2]!.split(":")[1]!,16); const ps=[rig.port("public"),rig.port("models"),web.port]; if (ps.includes(lp)||ps.includes(rp)) console.log(lp, rp, "st", f[3], "q", f[4], "inode", f[9]); } await new Promise(r=>setTimeout(r,3000)); console.log((await send({ port: rig.port("admin"), path: "/endpoints" })).text); }
await rig.dispose(); await web.kill();
