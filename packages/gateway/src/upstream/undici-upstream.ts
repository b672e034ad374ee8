// The upstream client on undici's dispatch: keep-alive connections, one request on each at a time. Its own timers are off, because
// they tick at half a second; the request path has exact ones.
import type { Clock } from "@flyball/core";
import { Pool, type Dispatcher } from "undici";
import { createConnector } from "./connect.ts";
import type { ResponseHead, Upstream, UpstreamCall, UpstreamHandler, UpstreamRequest } from "./upstream.ts";

/** Connections of one worker to one endpoint. Placement skips an endpoint with as many requests, so nothing queues behind them. */
export const MAX_CONNECTIONS = 256;

/** What a client needs. */
export interface UndiciUpstreamOptions {
  /** `http://127.0.0.1:4001` or `https://api.example`. */
  readonly origin: string;
  readonly connectMs: number;
  readonly clock: Clock;
  readonly onOpenConnections: (change: number) => void;
}

/** Idle connections are closed before common servers (5 s) close them, so that few requests meet a closing socket. */
const KEEP_ALIVE_MS = 4_000;

/** Creates a client. It connects when there is something to send. */
export function createUndiciUpstream(options: UndiciUpstreamOptions): Upstream {
  const pool = new Pool(options.origin, {
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    allowH2: false,
    connect: createConnector(options),
  });
  let isClosed = false;
  return {
    send: (request, handler) => dispatch(pool, request, handler),
    close() {
      if (isClosed) return;
      isClosed = true;
      void pool.close();
    },
  };
}

function dispatch(pool: Pool, request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall {
  let controller: Dispatcher.DispatchController | undefined;
  let isDone = false;
  let wasSent = false;
  pool.dispatch(
    {
      method: request.method,
      path: request.path,
      headers: request.headers,
      body: request.body,
      ...(request.upgrade === undefined ? {} : { upgrade: request.upgrade }),
    },
    {
      onRequestStart(started) {
        controller = started;
        if (isDone) {
          started.abort(new Error("cancelled"));
          return;
        }
        wasSent = true;
        handler.onSent();
      },
      onResponseStart(started, status, _headers, statusText) {
        if (isDone) return;
        const head = headOf(started, status, statusText);
        if (status < 200) handler.onInformation(head);
        else handler.onHead(head);
      },
      onResponseData(_started, chunk) {
        if (!isDone) handler.onData(chunk);
      },
      onResponseEnd() {
        if (isDone) return;
        isDone = true;
        handler.onEnd();
      },
      onRequestUpgrade(started, status, _headers, socket) {
        if (isDone) {
          socket.destroy();
          return;
        }
        isDone = true;
        handler.onUpgraded(headOf(started, status, undefined), socket);
      },
      onResponseError(_started, error) {
        if (isDone) return;
        isDone = true;
        const code = codeOf(error);
        const isUnsendable = code === "UND_ERR_INVALID_ARG" || code === "UND_ERR_NOT_SUPPORTED";
        handler.onFailure({ code, message: error.message, wasSent, isUnsendable });
      },
    },
  );
  return {
    pause: () => controller?.pause(),
    resume: () => controller?.resume(),
    cancel() {
      if (isDone) return;
      isDone = true;
      controller?.abort(new Error("cancelled"));
    },
  };
}

function headOf(
  controller: Dispatcher.DispatchController,
  status: number,
  statusText: string | undefined,
): ResponseHead {
  const raw = controller.rawHeaders;
  return {
    status,
    statusText: statusText ?? "",
    headers: Array.isArray(raw) ? (raw as Buffer[]) : [],
  };
}

function codeOf(error: Error): string {
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.name;
}
