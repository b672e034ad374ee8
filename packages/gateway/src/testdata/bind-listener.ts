// Binds a TCP socket without listening, as the keeper does, and hands its descriptor to children.
import * as net from "node:net";

interface BoundHandle {
  readonly fd: number;
  getsockname(out: Record<string, unknown>): number;
  close(): void;
}

/** A bound socket that is kept open. */
export interface TestListener {
  readonly port: number;
  readonly fd: number;
  close(): void;
}

/** Binds on loopback; port 0 takes a free one. */
export function bindListener(port = 0): TestListener {
  const create = (
    net as unknown as {
      _createServerHandle(host: string, port: number, family: number): BoundHandle | number;
    }
  )._createServerHandle;
  const handle = create("127.0.0.1", port, 4);
  if (typeof handle === "number") throw new Error(`cannot bind: ${handle}`);
  const name: Record<string, unknown> = {};
  handle.getsockname(name);
  return { port: name["port"] as number, fd: handle.fd, close: () => handle.close() };
}
