// The caller's side of the keeper protocol: says hello, matches answers to calls, hands events on. Control, gateways and the command
// line use it; when its connection closes, the keeper is gone and every open call fails with FB_KEEPER_UNREACHABLE.
import { FlyballError } from "@flyball/core";
import { dialJsonLines } from "../dial-json-lines.ts";
import type { JsonLinesConnection } from "../json-lines.ts";
import { fromKeeperFailure, keeperFailed, type KeeperFailure } from "./keeper-failure.ts";
import { KEEPER_PROTOCOL, type KeeperEvent, type KeeperMethod, type KeeperMethods } from "./keeper-protocol.ts";

/** A connection to the keeper of one app. */
export interface KeeperClient {
  /** What the keeper said of itself at the start. */
  readonly keeper: KeeperMethods["hello"]["result"];
  /**
   * Asks the keeper. Rejects with the keeper's own error, with FB_KEEPER_UNREACHABLE when the connection closes first, or with the
   * signal's reason; a call that is aborted may have been done all the same.
   */
  call<M extends KeeperMethod>(
    method: M,
    params: KeeperMethods[M]["params"],
    signal?: AbortSignal,
  ): Promise<KeeperMethods[M]["result"]>;
  /** Add it before calling `watch`: an event that comes with the answer is lost otherwise. */
  onEvent(listener: (event: KeeperEvent) => void): void;
  /** Called once when the keeper is gone or `close` was called. */
  onClose(listener: () => void): void;
  close(): void;
}

/** How to reach a keeper. */
export interface ConnectKeeperOptions {
  readonly path: string;
  readonly role: KeeperMethods["hello"]["params"]["role"];
  /** The app ends when this connection closes without `detach`. */
  readonly isOwner?: boolean;
  readonly signal?: AbortSignal;
}

interface PendingCall {
  readonly method: string;
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** Open calls of one connection; one more is refused. */
const MAX_OPEN_CALLS = 4_096;

/** Connects and says hello. Rejects with FB_KEEPER_UNREACHABLE or FB_KEEPER_PROTOCOL. */
export async function connectKeeper(options: ConnectKeeperOptions): Promise<KeeperClient> {
  const { path, role, isOwner, signal } = options;
  const connection = await dialJsonLines(path, signal).catch((error: Error) => {
    if (signal?.aborted) throw error;
    throw new FlyballError("FB_KEEPER_UNREACHABLE", { path }, error);
  });
  const { call, onEvent, onClose } = openCalls(connection, path);
  try {
    const params = { protocol: KEEPER_PROTOCOL, role, ...(isOwner ? { isOwner } : {}) };
    const keeper = await call("hello", params, signal);
    if (keeper.protocol !== KEEPER_PROTOCOL) throw protocolError(keeper.protocol);
    return { keeper, call, onEvent, onClose, close: () => connection.close() };
  } catch (error) {
    connection.close();
    throw error;
  }
}

function openCalls(connection: JsonLinesConnection, path: string): Pick<KeeperClient, "call" | "onEvent" | "onClose"> {
  const pending = new Map<number, PendingCall>();
  const eventListeners: ((event: KeeperEvent) => void)[] = [];
  const closeListeners: (() => void)[] = [];
  let lastId = 0;
  let isClosed = false;
  connection.onMessage((message) => {
    if (isEvent(message)) return eventListeners.forEach((listener) => listener(message));
    const answer = message as { id?: number; result?: unknown; error?: KeeperFailure };
    const waiting = pending.get(answer?.id ?? -1);
    if (!waiting) return;
    pending.delete(answer.id!);
    if (answer.error) waiting.reject(fromKeeperFailure(waiting.method, answer.error));
    else waiting.resolve(answer.result as never);
  });
  connection.onClose((cause) => {
    isClosed = true;
    for (const waiting of pending.values()) waiting.reject(new FlyballError("FB_KEEPER_UNREACHABLE", { path }, cause));
    pending.clear();
    for (const listener of closeListeners) listener();
  });
  return {
    call(method, params, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        if (isClosed) return reject(new FlyballError("FB_KEEPER_UNREACHABLE", { path }));
        if (pending.size >= MAX_OPEN_CALLS)
          return reject(keeperFailed(method, `${MAX_OPEN_CALLS} calls are open already`));
        const id = (lastId += 1);
        const onAbort = (): void => {
          pending.delete(id);
          reject(signal?.reason as Error);
        };
        const forgetAbort = (): void => signal?.removeEventListener("abort", onAbort);
        pending.set(id, {
          method,
          resolve(result) {
            forgetAbort();
            resolve(result);
          },
          reject(error) {
            forgetAbort();
            reject(error);
          },
        });
        signal?.addEventListener("abort", onAbort, { once: true });
        connection.send({ id, method, params });
      });
    },
    onEvent: (listener) => void eventListeners.push(listener),
    onClose(listener) {
      if (isClosed) queueMicrotask(listener);
      else closeListeners.push(listener);
    },
  };
}

function protocolError(seen: string): FlyballError {
  return new FlyballError("FB_KEEPER_PROTOCOL", { seen, expected: KEEPER_PROTOCOL });
}

function isEvent(message: unknown): message is KeeperEvent {
  return typeof message === "object" && message !== null && "event" in message;
}
