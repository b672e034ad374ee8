// Servers and clients of one test, which end with it.
import { afterEach } from "vitest";
import { readAnswers } from "./read-answers.ts";
import { dial, serve, type Client, type Served, type ServedClient, type ServeOptions, type ServerKind } from "./served.ts";

const servers: Served[] = [];
const clients: Client[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.socket.destroy();
  for (const server of servers.splice(0)) server.stop();
});

export async function start(options: ServeOptions = {}, kind: ServerKind = "short"): Promise<Served> {
  const server = await serve(kind, options);
  servers.push(server);
  return server;
}

export async function open(server: Served): Promise<ServedClient> {
  const client = await dial(server);
  clients.push(client);
  return client;
}

export const request = (target: string, headers = ""): string => `GET ${target} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;

/** How many whole answers the client has; `methods` are those of its requests. */
export const answersOf = (client: Client, methods: readonly string[] = []): number =>
  readAnswers(client.text(), methods, client.isClosed()).whole.length;
