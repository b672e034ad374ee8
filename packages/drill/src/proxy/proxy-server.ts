// The listening side of the fault proxy. It adds no limits and no time-outs of its own: those of the program and of the client hold.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { Socket } from "node:net";
import type { Clock } from "@flyball/core";
import { createConnectionAgents } from "./connection-agents.ts";
import { forwardRequest, isLoad, type ForwardContext } from "./forward-request.ts";
import { forwardUpgrade } from "./forward-upgrade.ts";
import { createHeldConnections } from "./held-connections.ts";
import type { RuleBook } from "./rule-book.ts";

/** Where to listen, and where the program is. */
export interface ProxyServerOptions {
  readonly host: string;
  readonly port: number;
  readonly target: { readonly host: string; readonly port: number };
  readonly healthPaths: ReadonlySet<string>;
  readonly rules: RuleBook;
  readonly clock: Clock;
  readonly random: () => number;
  kill(): void;
}

/** A server that listens, or does not while a rule or `refuse` says so. */
export interface ProxyServer {
  /** Of a TCP connection to it; differs from the wish when that was 0. */
  readonly port: number;
  /** Requests that came, health checks and readings of counters apart. */
  readonly arrived: number;
  /** Takes no new connections; answers under way go on. */
  refuse(): void;
  close(): void;
}

const LARGEST_HEAD = 1024 * 1024;
const LISTEN_AGAIN_MS = 20;

/** Starts it; rejects when the port is busy. */
export async function startProxyServer(options: ProxyServerOptions): Promise<ProxyServer> {
  const { host, target, healthPaths, rules, clock } = options;
  const held = createHeldConnections();
  let requests = 0;
  let arrived = 0;
  let isEnding = false;
  const context: ForwardContext = {
    ...target,
    clock,
    random: options.random,
    held,
    agents: createConnectionAgents(held),
    isHealth: (path) => healthPaths.has(path),
    kill: options.kill,
    countRequest: () => (requests += 1),
  };
  const take = (incoming: IncomingMessage, response: ServerResponse): void => {
    if (isLoad(context, incoming)) arrived += 1;
    forwardRequest(context, rules.current, incoming, response);
  };
  const sockets = new Set<Socket>();
  const server = createServer(
    { maxHeaderSize: LARGEST_HEAD, requireHostHeader: false, noDelay: true, keepAliveTimeout: 0, requestTimeout: 0 },
    take,
  );
  Object.assign(server, { headersTimeout: 0, timeout: 0 });
  server.on("checkContinue", take);
  server.on("upgrade", (incoming, socket, head) => forwardUpgrade(context, rules.current, incoming, socket, head));
  server.on("clientError", (_error, socket) => socket.destroy());
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const listening = once(server, "listening");
  server.listen(options.port, host);
  await listening;
  const { port } = server.address() as { port: number };
  // The port stays the instance's own, so nobody but this server wants it; still it is tried again until it is had.
  server.on("error", () => void clock.after(LISTEN_AGAIN_MS, follow));
  const follow = (): void => {
    const isRefusing = isEnding || rules.current?.rule === "refuse";
    if (isRefusing && server.listening) server.close();
    else if (!isRefusing && !server.listening) server.listen(port, host);
  };
  rules.onChange(() => {
    requests = 0;
    held.release();
    follow();
  });
  return {
    port,
    get arrived() {
      return arrived;
    },
    refuse() {
      isEnding = true;
      follow();
    },
    close() {
      isEnding = true;
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
