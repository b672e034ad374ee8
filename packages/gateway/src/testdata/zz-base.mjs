import http from "node:http"; import { Pool } from "undici";
const pool = new Pool("http://127.0.0.1:" + process.argv[2], { connections: 256, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
http.createServer({ keepAliveTimeout: 60000 }, (q, r) => {
  const chunks = []; const go = (body) => pool.dispatch({ method: q.method, path: q.url, headers: { "content-type": "application/json" }, body }, {
    onRequestStart() {}, onResponseStart(c, s, h) { r.writeHead(s, { "content-type": h["content-type"], "content-length": h["content-length"] }); }, onResponseData(c, d) { r.write(d); }, onResponseEnd() { r.end(); }, onResponseError(c, e) { r.destroy(); } });
  if (q.method === "GET") go(null); else process.nextTick(() => go(q.read()));
}).listen(0, "127.0.0.1", function () { process.stdout.write(this.address().port + "\n"); });
