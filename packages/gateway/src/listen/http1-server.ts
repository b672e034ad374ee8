// HTTP/1.1 on connections that somebody else accepted. Parsing is Node's, in its strict form: a request with both a length and a
// transfer encoding, or with two lengths, never reaches a stage.
import { createServer, type IncomingMessage, type Server, type ServerOptions } from "node:http";
import { answerMalformed } from "./answer-malformed.ts";
import type { ListenerHandler } from "./http-listener.ts";
import type { ListenerLimits } from "./listener-limits.ts";

/** Creates it; connections come as `connection` events. */
export function createHttp1Server(handler: ListenerHandler, limits: ListenerLimits): Server {
  // `shouldUpgradeCallback` is younger than the type definitions of this Node version's first release.
  const options: ServerOptions & { shouldUpgradeCallback: (request: IncomingMessage) => boolean } = {
    keepAliveTimeout: limits.keepAliveMs,
    headersTimeout: limits.headersMs,
    // A long upload is no attack; a body that stops coming is met by the stages that read it.
    requestTimeout: 0,
    connectionsCheckingInterval: limits.checkEveryMs,
    maxHeaderSize: limits.headerBytes,
    noDelay: true,
    insecureHTTPParser: false,
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === "websocket",
  };
  const server = createServer(options, (request, response) => handler.onRequest(request, response));
  // Node would drop further headers without a word; the accept stage counts them and refuses.
  server.maxHeadersCount = 0;
  server.on("upgrade", (request, socket, head) => handler.onUpgrade(request, socket, head));
  server.on("clientError", (error, socket) => {
    handler.onMalformed();
    answerMalformed(error, socket);
  });
  // Node begins to look for late headers when it listens. This server never does: its connections are given to it.
  server.emit("listening");
  return server;
}
