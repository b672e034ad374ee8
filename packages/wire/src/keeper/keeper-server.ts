// The keeper's side of the protocol: hello first, one answer for each call, events to those who watch, word of an owner that left.
// It knows nothing of processes, so that the keeper and a fake keeper in tests answer in the same way.
import { chmod, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { FlyballError } from "@flyball/core";
import type { JsonLinesConnection } from "../json-lines.ts";
import { listenJsonLines } from "../listen-json-lines.ts";
import { toKeeperFailure } from "./keeper-failure.ts";
import { KEEPER_PROTOCOL, type KeeperEvent, type KeeperMethod, type KeeperMethods } from "./keeper-protocol.ts";

/** Nothing stands for an empty result. */
type HandlerResult<T> = T extends Record<string, never> ? T | void : T;

/** What the keeper does for each method; hello, detach and the subscription of watch are done here. */
export type KeeperHandlers = {
  readonly [M in Exclude<KeeperMethod, "hello" | "detach">]: (
    params: KeeperMethods[M]["params"],
  ) => HandlerResult<KeeperMethods[M]["result"]> | Promise<KeeperMethods[M]["result"]>;
};

/** How to serve. */
export interface KeeperServerOptions {
  readonly path: string;
  readonly about: Omit<KeeperMethods["hello"]["result"], "protocol">;
  readonly handlers: KeeperHandlers;
  /** true: a connection that owns the app said hello; false: such a connection closed without `detach`. */
  readonly onOwner: (isHere: boolean) => void;
}

/** A keeper that answers. */
export interface KeeperServer {
  /** Sends an event to every connection that watches. */
  publish(event: KeeperEvent): void;
  /** Sends what waits, closes every connection and removes the socket. */
  close(): Promise<void>;
}

interface Peer {
  readonly connection: JsonLinesConnection;
  hasSaidHello: boolean;
  isOwner: boolean;
  isWatching: boolean;
}

/** Listens in a folder (0700) that only this user may enter, and answers. Rejects with FB_KEEPER_RUNNING when another keeper answers at the path. */
export async function serveKeeper(options: KeeperServerOptions): Promise<KeeperServer> {
  const peers = new Set<Peer>();
  const accept = (connection: JsonLinesConnection): void => {
    const peer: Peer = { connection, hasSaidHello: false, isOwner: false, isWatching: false };
    peers.add(peer);
    connection.onMessage((message) => void answer(options, peer, message));
    connection.onClose(() => {
      peers.delete(peer);
      if (peer.isOwner) options.onOwner(false);
    });
  };
  await mkdir(dirname(options.path), { recursive: true, mode: 0o700 });
  await chmod(dirname(options.path), 0o700);
  const listener = await listenJsonLines(options.path, accept).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") throw error;
    throw new FlyballError("FB_KEEPER_RUNNING", { path: options.path });
  });
  return {
    publish(event) {
      for (const peer of peers) if (peer.isWatching) peer.connection.send(event);
    },
    close: () => listener.close(),
  };
}

async function answer(options: KeeperServerOptions, peer: Peer, message: unknown): Promise<void> {
  const { id, method, params } = (message ?? {}) as {
    id?: unknown;
    method?: unknown;
    params?: unknown;
  };
  try {
    const result = await dispatch(options, peer, String(method), (params ?? {}) as never);
    peer.connection.send({ id, result: result ?? {} });
  } catch (error) {
    peer.connection.send({ id, error: toKeeperFailure(String(method), error) });
  }
}

function dispatch(options: KeeperServerOptions, peer: Peer, method: string, params: never): unknown {
  if (method === "hello") return hello(options, peer, params);
  if (!peer.hasSaidHello) throw protocolError(options, "no hello");
  if (method === "detach") {
    peer.isOwner = false;
    return {};
  }
  if (!Object.hasOwn(options.handlers, method))
    throw new FlyballError("FB_KEEPER_UNKNOWN", { what: "method", name: method });
  if (method === "watch") peer.isWatching = true;
  return options.handlers[method as keyof KeeperHandlers](params);
}

function hello(options: KeeperServerOptions, peer: Peer, params: Partial<KeeperMethods["hello"]["params"]>): unknown {
  if (params.protocol !== KEEPER_PROTOCOL) throw protocolError(options, params.protocol ?? "nothing");
  peer.hasSaidHello = true;
  peer.isOwner = params.isOwner === true;
  if (peer.isOwner) options.onOwner(true);
  return { protocol: KEEPER_PROTOCOL, ...options.about };
}

/** Seen by the caller: what the keeper speaks is `seen`, and its pid is told, because an older keeper can still be ended by a signal. */
function protocolError(options: KeeperServerOptions, caller: string): FlyballError {
  return new FlyballError("FB_KEEPER_PROTOCOL", {
    seen: KEEPER_PROTOCOL,
    expected: caller,
    pid: options.about.pid,
  });
}
