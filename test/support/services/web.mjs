// A small HTTP service with knobs, for end-to-end tests. HEALTHY_AFTER_MS: /health answers 503 until then (negative: for ever).
// `GET /?delay=30` answers late; `POST /exit?code=7` answers and leaves; `GET /environment/NAME` shows a variable.
import { createServer } from "node:http";

const startedAt = Date.now();
const healthyAfterMs = Number(process.env.HEALTHY_AFTER_MS ?? 0);
const about = { pid: process.pid, instance: process.env.FLYBALL_INSTANCE, version: process.env.VERSION ?? "1" };

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://web");
  const json = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(`${JSON.stringify(body)}\n`);
  };
  if (url.pathname === "/health") {
    const isHealthy = healthyAfterMs >= 0 && Date.now() - startedAt >= healthyAfterMs;
    return json(isHealthy ? 200 : 503, { text: isHealthy ? "fine" : "warming up" });
  }
  if (url.pathname === "/exit") {
    json(200, about);
    console.log(`leaving with ${url.searchParams.get("code")}`);
    return response.once("close", () => process.exit(Number(url.searchParams.get("code"))));
  }
  if (url.pathname.startsWith("/environment/"))
    return json(200, { value: process.env[url.pathname.slice(13)] ?? null });
  return setTimeout(() => json(200, about), Number(url.searchParams.get("delay") ?? 0));
});
server.listen(Number(process.env.PORT), process.env.HOST, () =>
  console.log(`web ${about.version} listens as ${process.pid}`),
);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
