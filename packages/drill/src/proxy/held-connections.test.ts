// Connections that are held in silence, at the moments at which their other ends go.
import { once } from "node:events";
import { createServer as createHttpServer, request } from "node:http";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { expect, it } from "vitest";
import { createConnectionAgents } from "./connection-agents.ts";
import { createHeldConnections } from "./held-connections.ts";

/** Both ends of a connection. */
async function connectPair(): Promise<{ near: Socket; far: Socket; close(): void }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const far = connect((server.address() as AddressInfo).port, "127.0.0.1");
  far.on("error", () => undefined);
  const connected = once(far, "connect");
  const [near] = (await once(server, "connection")) as [Socket];
  await connected;
  return { near, far, close: () => server.close() };
}

it("a connection that is released is reset", async () => {
  const { near, far, close } = await connectPair();
  const held = createHeldConnections();
  held.add(near);
  const failed = once(far, "error");
  held.release();
  expect(await failed).toMatchObject([{ code: "ECONNRESET" }]);
  expect(held.count).toBe(0);
  close();
});

it("one whose other end leaves at the moment of its release is closed all the same", async () => {
  const { near, far, close } = await connectPair();
  const held = createHeldConnections();
  held.add(near);
  const closed = once(near, "close");
  far.destroy();
  near.resume();
  await once(near, "end");
  // As the HTTP server does it; the shutdown is under way now.
  near.end();
  held.release();
  await closed;
  expect(held.count).toBe(0);
  close();
});

it("a program that closes an idle connection does not end the silence of the client before it", async () => {
  const program = createHttpServer((_request, response) => void response.end("well")).listen(0, "127.0.0.1");
  await once(program, "listening");
  const { port } = program.address() as AddressInfo;
  for (const isHeld of [false, true]) {
    const { near, far, close } = await connectPair();
    const held = createHeldConnections();
    const agent = createConnectionAgents(held).of(near);
    const answered = Promise.withResolvers<void>();
    request({ port, agent }, (answer) => answer.resume().once("end", answered.resolve)).end();
    await answered.promise;
    const idle = Object.values(agent.freeSockets)[0]?.[0] ?? (await once(agent, "free"))[0];
    if (isHeld) held.add(near);
    const gone = once(idle as Socket, "close");
    program.closeIdleConnections();
    await gone;
    expect(near.writableEnded).toBe(!isHeld);
    far.destroy();
    near.destroy();
    close();
  }
  program.close();
});
