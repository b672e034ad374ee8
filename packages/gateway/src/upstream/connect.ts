// Makes the TCP or TLS connection for an upstream with a time limit that is exact to the millisecond, and counts open connections.
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Clock } from "@flyball/core";
import type { buildConnector } from "undici";

/** What a connector needs. */
export interface ConnectorOptions {
  readonly clock: Clock;
  /** 0 means 10 s: a connection attempt always ends. */
  readonly connectMs: number;
  /** +1 and −1. */
  readonly onOpenConnections: (change: number) => void;
}

const DEFAULT_CONNECT_MS = 10_000;

/** A connector as undici takes it. */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  return (target, callback) => {
    const isTls = target.protocol === "https:";
    const host = target.hostname;
    const port = Number(target.port) || (isTls ? 443 : 80);
    const socket: Socket = isTls
      ? connectTls({
          host,
          port,
          servername: target.servername ?? host,
          ALPNProtocols: ["http/1.1"],
        })
      : connectTcp({ host, port });
    socket.setNoDelay(true);
    let isSettled = false;
    const settle = (error: Error | null): void => {
      if (isSettled) return;
      isSettled = true;
      cancelTimer();
      if (error) {
        socket.destroy();
        callback(error, null);
        return;
      }
      socket.off("error", settle);
      options.onOpenConnections(1);
      socket.once("close", () => options.onOpenConnections(-1));
      callback(null, socket);
    };
    const limitMs = options.connectMs || DEFAULT_CONNECT_MS;
    const cancelTimer = options.clock.after(limitMs, () => {
      settle(Object.assign(new Error(`no connection within ${limitMs} ms`), { code: "ETIMEDOUT" }));
    });
    socket.on("error", settle);
    socket.once(isTls ? "secureConnect" : "connect", () => settle(null));
  };
}
