// Connects to a Unix socket that speaks JSON lines.
import { connect, type Socket } from "node:net";
import { wrapJsonLines, type JsonLinesConnection } from "./json-lines.ts";

/** Connects to a Unix socket. Rejects with the system's error (ENOENT, ECONNREFUSED) or the signal's reason. */
export async function dialJsonLines(path: string, signal?: AbortSignal): Promise<JsonLinesConnection> {
  return wrapJsonLines(await dialUnixSocket(path, signal));
}

/** The connected socket alone. */
export function dialUnixSocket(path: string, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const socket = connect(path);
    const onAbort = (): void => {
      socket.destroy();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    const onError = (error: Error): void => {
      signal?.removeEventListener("abort", onAbort);
      reject(error);
    };
    socket.once("error", onError);
    socket.once("connect", () => {
      socket.off("error", onError);
      signal?.removeEventListener("abort", onAbort);
      resolve(socket);
    });
  });
}
