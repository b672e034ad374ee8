// Joins two sockets: every byte of one goes to the other, in both directions. A slow side stops the other one, so at most one socket
// buffer waits in each direction. An end is passed on; an error or the close of one closes both.
import type { Socket } from "node:net";

/** Joins them; `onClosed` is called once, when both are closed. */
export function spliceSockets(a: Socket, b: Socket, onClosed: () => void): void {
  let open = 2;
  const closed = (): void => {
    open -= 1;
    if (open === 0) onClosed();
  };
  passOn(a, b);
  passOn(b, a);
  a.once("close", closed);
  b.once("close", closed);
}

function passOn(from: Socket, to: Socket): void {
  from.setTimeout(0);
  from.setNoDelay(true);
  from.on("data", (chunk: Buffer) => {
    if (!to.destroyed && !to.write(chunk)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.once("end", () => to.end());
  from.on("error", () => to.destroy());
  from.once("close", () => {
    if (from.readableEnded) to.end();
    else to.destroy();
  });
  from.resume();
}
