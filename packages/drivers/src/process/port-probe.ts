// Looks at the machine's ports: which are listened on, which the kernel gives to outgoing connections, and whether one can be bound.
// Off Linux there is no /proc; the bind test alone decides there.
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { parseListeningSockets } from "@flyball/wire";

/** A range of ports, both ends included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** What can be learnt of ports. */
export interface PortProbe {
  /** Ports in state LISTEN on any address, IPv4 and IPv6. */
  listening(): Promise<ReadonlySet<number>>;
  /** The kernel's range for outgoing connections: a port of it may be taken by one at any moment. */
  ephemeral(): Promise<PortRange | undefined>;
  /** Why no socket can listen there now (`EADDRINUSE`); undefined when one can. The socket of the test is closed at once. */
  listenProblem(host: string, port: number): Promise<string | undefined>;
}

/** Looks below `procRoot`. */
export function createPortProbe(procRoot: string): PortProbe {
  return {
    async listening() {
      const [four, six] = await Promise.all([
        readOrEmpty(join(procRoot, "net/tcp")),
        readOrEmpty(join(procRoot, "net/tcp6")),
      ]);
      const sockets = [...parseListeningSockets(four, 4), ...parseListeningSockets(six, 6)];
      return new Set(sockets.map((socket) => socket.port));
    },
    async ephemeral() {
      const [from, to] = (await readOrEmpty(join(procRoot, "sys/net/ipv4/ip_local_port_range")))
        .trim()
        .split(/\s+/)
        .map(Number);
      return from && to ? { from, to } : undefined;
    },
    listenProblem,
  };
}

function listenProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.unref();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
