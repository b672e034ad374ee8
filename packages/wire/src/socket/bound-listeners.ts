// The ports of an app, bound once and kept, so that connections queue in the kernel while a gateway is replaced.
import { FlyballError } from "@flyball/core";
import type { BoundListener, KeeperMethods, SystemProcessRequest } from "../keeper/keeper-protocol.ts";
import { bindSocket, type BoundSocket } from "./bind-socket.ts";
import { findPortHolder } from "./listening-sockets.ts";

/** What a child needs to serve listeners: descriptors 3, 4 and so on, and the variable that says which is which. */
export interface SharedListeners {
  readonly descriptors: readonly number[];
  /** FLYBALL_LISTENERS = [{id, host, port, fds}] */
  readonly environment: Readonly<Record<string, string>>;
}

/** Listeners by id. As many as the manifest has. */
export interface BoundListeners {
  /** As the protocol's `bind`. Throws FB_KEEPER_BIND; its details name the program that holds the port, when it is known. */
  bind(params: KeeperMethods["bind"]["params"]): BoundListener;
  unbind(id: string): void;
  list(): BoundListener[];
  /** The request; throws FB_KEEPER_UNKNOWN when it names an id that is not bound. */
  check(request: SystemProcessRequest): SystemProcessRequest;
  /** Each of these listeners `copies` times, without those that were unbound since. */
  share(ids: readonly string[], copies: number): SharedListeners;
}

interface Entry {
  readonly listener: BoundListener;
  readonly askedPort: number;
  readonly socket: BoundSocket;
}

/** Creates an empty set. */
export function createBoundListeners(): BoundListeners {
  const entries = new Map<string, Entry>();
  const isHeldHere = (host: string, port: number): boolean =>
    [...entries.values()].some(({ listener }) => listener.port === port && listener.host === host);
  return {
    bind({ id, host, port, tryNext }) {
      const before = entries.get(id);
      const isSame = before?.listener.host === host && (before.askedPort === port || before.listener.port === port);
      if (before && isSame) return before.listener;
      const last = port === 0 ? 0 : Math.min(port + tryNext, 65_535);
      for (let candidate = port; candidate <= last; candidate += 1) {
        const socket = isHeldHere(host, candidate) ? undefined : bindSocket(host, candidate);
        if (!socket) continue;
        before?.socket.close();
        const listener = { id, host, port: socket.port };
        entries.set(id, { listener, askedPort: port, socket });
        return listener;
      }
      throw bindError(host, port);
    },
    unbind(id) {
      entries.get(id)?.socket.close();
      entries.delete(id);
    },
    list: () => [...entries.values()].map(({ listener }) => listener),
    check(request) {
      const name = request.listeners.find((id) => !entries.has(id));
      if (name !== undefined) throw new FlyballError("FB_KEEPER_UNKNOWN", { what: "listener", name });
      return request;
    },
    share(ids, copies) {
      const shared = ids.flatMap((id) => entries.get(id) ?? []);
      const described = shared.map(({ listener }, index) => ({
        ...listener,
        fds: Array.from({ length: copies }, (_, copy) => 3 + index * copies + copy),
      }));
      return {
        descriptors: shared.flatMap(({ socket }) => Array<number>(copies).fill(socket.fd)),
        environment: { FLYBALL_LISTENERS: JSON.stringify(described) },
      };
    },
  };
}

function bindError(host: string, port: number): FlyballError {
  const holder = findPortHolder(host, port);
  const reason = holder ? `${holder.command} (pid ${holder.pid}) listens there` : "it is in use or not allowed";
  return new FlyballError("FB_KEEPER_BIND", { host, port, reason, ...(holder ? { holder } : {}) });
}
