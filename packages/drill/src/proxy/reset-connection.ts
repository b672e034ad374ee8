// Ends a connection by a reset, as the kernel does for a process that died.
import type { Socket } from "node:net";

/**
 * Resets it. One that is on its way out is closed instead: libuv refuses to reset a connection whose shutdown has begun (`uv_tcp_close_reset`), and
 * Node would then neither close it nor say so.
 */
export function resetConnection(socket: Socket): void {
  if (socket.writableEnded || socket.readableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
