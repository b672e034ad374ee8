// The gateway's own pages on the admin listener, served by the main thread so that they answer when the workers are busy.
import { createServer, type Server, type ServerResponse } from "node:http";
import { EXPOSITION_CONTENT_TYPE, writeExposition, type MetricFamily } from "@flyball/telemetry";

/** What the pages show. */
export interface AdminPages {
  metrics(): Promise<readonly MetricFamily[]>;
  health(): { readonly isReady: boolean } & Readonly<Record<string, unknown>>;
  endpoints(): unknown;
  /** What was learned of answers and endpoints. */
  predictions(): Promise<unknown>;
  /** Why a request went where it went; undefined: nobody knows it. */
  explain(requestId: string): Promise<unknown>;
}

const EXPLAIN = "/explain/";

/** Listens on an inherited descriptor. Rejects with the system's error. */
export function startAdminServer(descriptor: number, pages: AdminPages): Promise<Server> {
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0];
    answer(path, pages, response).catch((error: unknown) => {
      sendJson(response, 500, { error: { code: "internal", message: String(error) } });
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ fd: descriptor }, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

async function answer(path: string | undefined, pages: AdminPages, response: ServerResponse): Promise<void> {
  if (path?.startsWith(EXPLAIN) === true) return answerExplain(path, pages, response);
  switch (path) {
    case "/metrics": {
      const text = writeExposition(await pages.metrics());
      response.writeHead(200, { "content-type": EXPOSITION_CONTENT_TYPE });
      response.end(text);
      return;
    }
    case "/health": {
      const health = pages.health();
      sendJson(response, health.isReady ? 200 : 503, health);
      return;
    }
    case "/endpoints":
      sendJson(response, 200, pages.endpoints());
      return;
    case "/predictions":
      sendJson(response, 200, await pages.predictions());
      return;
    default:
      sendJson(response, 404, {
        error: {
          code: "FB_GATEWAY_NO_ROUTE",
          message: "here are /metrics, /health, /endpoints, /predictions, /explain/<request id>",
        },
      });
  }
}

async function answerExplain(path: string, pages: AdminPages, response: ServerResponse): Promise<void> {
  const found = await pages.explain(decoded(path.slice(EXPLAIN.length)));
  if (found !== undefined) sendJson(response, 200, found);
  else sendJson(response, 404, { error: { code: "FB_GATEWAY_NO_ROUTE", message: "no such request is remembered" } });
}

/** As it is where it is not encoded correctly: nobody knows it then. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
