// A socket that the keeper bound and handed to this process. The gateway's own reader does the same for all its sockets; control does not
// load the gateway for one of them.

/** Where it is bound, and its descriptor here. */
export interface InheritedListener {
  readonly host: string;
  readonly port: number;
  readonly fd: number;
}

/** The listener with this id in the value of FLYBALL_LISTENERS; throws when it is missing, which is a defect of the caller. */
export function inheritedListener(value: string | undefined, id: string): InheritedListener {
  const listeners = JSON.parse(value ?? "[]") as readonly {
    readonly id: string;
    readonly host: string;
    readonly port: number;
    readonly fds: readonly number[];
  }[];
  const found = listeners.find((listener) => listener.id === id);
  const fd = found?.fds[0];
  if (found === undefined || fd === undefined) throw new Error(`FLYBALL_LISTENERS has no listener ${id}`);
  return { host: found.host, port: found.port, fd };
}
