// The other end of a fault proxy's control socket.
import { dialJsonLines } from "@flyball/wire";
import type { ProxyRule } from "../fault.ts";
import type { ProxyCall, ProxyStatus } from "../proxy/control-socket.ts";

/** A rule that was set. It ends with this connection, with its lease or with `clear`. */
export interface SetRule {
  /** Resolves when the proxy is gone, or closed the connection. */
  readonly gone: Promise<void>;
  /** Resolves when the proxy has cleared it, or is gone. */
  clear(): Promise<void>;
}

/** Sets a rule. Rejects when nobody answers at the socket. */
export async function setProxyRule(
  socket: string,
  order: { readonly rule: ProxyRule; readonly leaseMs: number },
  signal?: AbortSignal,
): Promise<SetRule> {
  const line = await openLine(socket, signal);
  await line.ask({ call: "set", ...order });
  return {
    gone: line.gone,
    async clear() {
      await line.ask({ call: "clear" }).catch(() => undefined);
      line.close();
    },
  };
}

/** What the proxy does now. Rejects when nobody answers at the socket, or not before the signal. */
export async function askProxy(
  socket: string,
  call: Extract<ProxyCall, { readonly call: "status" | "clear" }>["call"],
  signal?: AbortSignal,
): Promise<ProxyStatus> {
  const line = await openLine(socket, signal);
  signal?.addEventListener("abort", line.close, { once: true });
  try {
    return await line.ask({ call });
  } finally {
    signal?.removeEventListener("abort", line.close);
    line.close();
  }
}

/** One question at a time. */
async function openLine(
  socket: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly gone: Promise<void>; ask(call: ProxyCall): Promise<ProxyStatus>; close(): void }> {
  const connection = await dialJsonLines(socket, signal);
  const closed = Promise.withResolvers<never>();
  let answer: ((status: ProxyStatus) => void) | undefined;
  connection.onMessage((message) => answer?.(message as ProxyStatus));
  connection.onClose((error) => closed.reject(error ?? new Error("the fault proxy is gone")));
  return {
    gone: closed.promise.catch(() => undefined),
    ask(call) {
      const answered = new Promise<ProxyStatus>((resolve) => (answer = resolve));
      connection.send(call);
      return Promise.race([answered, closed.promise]);
    },
    close: () => connection.close(),
  };
}
