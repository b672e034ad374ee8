// Connections that are left in silence while a rule says so. When it ends they are reset: their requests were lost.
import type { Socket } from "node:net";
import { resetConnection } from "./reset-connection.ts";

/** At most as many as the proxy has connections. */
export interface HeldConnections {
  readonly count: number;
  has(socket: Socket): boolean;
  add(socket: Socket): void;
  /** Resets all. */
  release(): void;
}

/** None yet. */
export function createHeldConnections(): HeldConnections {
  const held = new Set<Socket>();
  return {
    get count() {
      return held.size;
    },
    has: (socket) => held.has(socket),
    add(socket) {
      if (socket.destroyed) return;
      held.add(socket);
      socket.once("close", () => held.delete(socket));
    },
    release() {
      for (const socket of held) resetConnection(socket);
    },
  };
}
