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
  _createServerHandle(host: string, port: number, family: 4 | 6 | -1): ServerHandle | number;
};

/**
 * Binds `port` (0: any free one) of an IP address; undefined when it is busy or may not be bound. The kernel reports a busy port only at
 * listen, where it would be too late: a socket that was not really bound has no name, a socket that listens stands in /proc, and one
 * that another keeper has bound for a child that does not listen yet is known by its claim.
 */
export function bindSocket(host: string, port: number): BoundSocket | undefined {
  if (port !== 0 && findListeningSockets(host, port).length > 0) return undefined;
  const handle = createServerHandle(host, port, net.isIPv6(host) ? 6 : 4);
  if (typeof handle === "number") return undefined;
  const name: { port?: number } = {};
  if (handle.getsockname(name) === 0 && name.port && (port === 0 || name.port === port)) {
    const claim = claimPort(host, name.port);
    if (claim !== undefined) return { port: name.port, fd: handle.fd, close: () => (handle.close(), claim.release()) };
  }
  handle.close();
  return undefined;
}

/**
 * Two sockets may have one port for as long as neither listens (Node sets SO_REUSEADDR), so keepers keep out of each other's way by a
 * name in the kernel's abstract namespace, which goes with its process. Linux only; elsewhere there is no such name and nothing is claimed.
 */
function claimPort(host: string, port: number): { release(): void } | undefined {
  if (process.platform !== "linux") return { release: () => undefined };
  const handle = createServerHandle(`\0flyball-port/${host}:${port}`, -1, -1);
  return typeof handle === "number" ? undefined : { release: () => handle.close() };
}
