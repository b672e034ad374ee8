// A small real HTTP server that stands in for control in tests: it records what was asked and answers what the test says.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came in. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly actor: string | undefined;
  readonly command: string | undefined;
  readonly body: unknown;
}

/** A running stand-in. */
export interface ControlServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenRequest[];
}

/** Answers one request; `body` has been read. */
export type Answer = (seen: SeenRequest, response: ServerResponse, request: IncomingMessage) => void;

/** Starts the server on a free port of loopback. */
export async function startControlServer(answer: Answer): Promise<ControlServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const text = Buffer.concat(pieces).toString("utf8");
      const actor = request.headers["x-flyball-actor"];
      const entry: SeenRequest = {
        method: request.method ?? "",
        path: request.url ?? "",
        authorization: request.headers.authorization,
        actor: Array.isArray(actor) ? actor[0] : actor,
        command: String(request.headers["x-flyball-command"] ?? "") || undefined,
        body: text === "" ? undefined : JSON.parse(text),
      };
      seen.push(entry);
      answer(entry, response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}
