import http from "node:http"; import { Pool } from "undici"; import net from "node:net";
const F = new Set((process.env.F ?? "").split(","));
const pool = new Pool("http://127.0.0.1:" + process.argv[2], { connections: 256, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, ...(F.has("conn") ? { connect: (t, cb) => { const s = net.connect(Number(t.port), t.hostname); s.setNoDelay(true); s.once("connect", () => cb(null, s)); s.on("error", () => {}); }, allowH2: false } : {}) });
http.createServer({ keepAliveTimeout: 60000, ...(F.has("opts") ? { noDelay: true, requestTimeout: 0, headersTimeout: 30000 } : {}) }, (q, r) => {
  let t; const body = null; 
  if (F.has("timer")) { t = setTimeout(() => {}, 1000).unref(); }
  if (F.has("close")) r.once("close", () => { q.x = 1; });
  pool.dispatch({ method: q.method, path: q.url, headers: F.has("hdr") ? ["host", "a", "x-forwarded-for", "127.0.0.1"] : { "content-type": "application/json" }, body }, {
    onRequestStart() {}, onResponseStart(c, s, h) { 
      if (F.has("raw")) { const l = []; for (let i = 0; i < c.rawHeaders.length; i += 2) { const n = c.rawHeaders[i].toString("latin1"); if (n.toLowerCase() === "connection" || n.toLowerCase() === "keep-alive") continue; l.push(n, c.rawHeaders[i + 1].toString("latin1")); } r.writeHead(s, "OK", l); }
      else r.writeHead(s, { "content-type": h["content-type"], "content-length": h["content-length"] });
      if (F.has("micro")) queueMicrotask(() => { if (!r.writableEnded) r.flushHeaders(); });
    }, onResponseData(c, d) { r.write(d); }, onResponseEnd() { if (t) clearTimeout(t); r.end(); }, onResponseError(c, e) { r.destroy(); } });
}).listen(0, "127.0.0.1", function () { process.stdout.write(this.address().port + "\n"); });
