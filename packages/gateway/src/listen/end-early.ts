// An answer may be written before the request's body is whole. A connection that is closed then is often reset, and the client never
// reads why it was refused; so the answer's end waits until the client has sent the rest, which is dropped, for at most a second.
import type { ClientRequest, ClientResponse } from "./client-request.ts";
import type { Clock } from "@flyball/core";
import { LINGER_MS } from "../body/request-body.ts";

/** Ends a response whose head says its length. A client that goes on sending for longer is cut off. Streams of HTTP/2 have a way of their own. */
export function endEarly(request: ClientRequest, response: ClientResponse, body: string, clock: Clock): void {
  if (request.complete || request.destroyed || request.httpVersionMajor === 2) {
    response.end(body);
    return;
  }
  response.write(body);
  const finish = (): void => {
    cancel();
    request.off("end", finish).off("close", finish);
    response.end();
  };
  const cancel = clock.after(LINGER_MS, () => {
    finish();
    if (!request.complete) request.socket.destroySoon();
  });
  request.once("end", finish).once("close", finish);
  request.resume();
}
