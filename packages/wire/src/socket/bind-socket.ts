// Binds a TCP port without listening on it, so that its descriptor can be handed to another process that listens. Node has no public way:
// `net._createServerHandle` is used here and nowhere else, and a test pins what it does.
import * as net from "node:net";
import { findListeningSockets } from "./listening-sockets.ts";

/** A bound port. */
export interface BoundSocket {
  readonly port: number;
  /** Valid until `close`; closed on exec, so only a child that it is passed to has it. */
  readonly fd: number;
  close(): void;
}

interface ServerHandle {
  readonly fd: number;
  getsockname(out: { port?: number }): number;
  close(): void;
}

const { _createServerHandle: createServerHandle } = net as unknown as {
  _createServerHandle(host: string, port: number, family: 4 | 6): ServerHandle | number;
};

/**
 * Binds `port` (0: any free one) of an IP address; undefined when it is busy or may not be bound. The kernel reports a busy port only at
 * listen, where it would be too late: a socket that was not really bound has no name, and a socket that listens stands in /proc.
 */
export function bindSocket(host: string, port: number): BoundSocket | undefined {
  if (port !== 0 && findListeningSockets(host, port).length > 0) return undefined;
  const handle = createServerHandle(host, port, net.isIPv6(host) ? 6 : 4);
  if (typeof handle === "number") return undefined;
  const name: { port?: number } = {};
  if (handle.getsockname(name) === 0 && name.port && (port === 0 || name.port === port)) {
    return { port: name.port, fd: handle.fd, close: () => handle.close() };
  }
  handle.close();
  return undefined;
}
