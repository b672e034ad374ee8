// A port of the loopback interface on which nothing listens.
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** Asks the system for one. Another program may take it before it is used; then the start of what should listen fails and says so. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
