// How a short response is written and how it ends, read by a client of its own.
import { describe, expect, it } from "vitest";
import { readAnswers } from "./testdata/read-answers.ts";
import { until, type ServedClient } from "./testdata/served.ts";
import { answersOf, open, request, start } from "./testdata/test-servers.ts";

describe("the end of a response", () => {
  const MANY = 32 * 1024 * 1024;

  it("comes for a client that was answered as malformed while its request ran and others waited behind, though it stays", async () => {
    const server = await start();
    const client = await open(server);
    client.socket.pause();
    await client.send(`${request("/?when=never")}${request("/2")}JUNK\r\n\r\n`);
    await until(() => server.counts.malformed === 1);
    server.seen[0]?.response.writeHead(200).write("x");
    await until(() => client.served.destroyed && server.seen[0]?.closes === 1);
    expect([server.seen.length, server.seen[0]?.wasFinished]).toEqual([1, false]);
  });

  it.each([
    ["that resets", (client: ServedClient) => void client.socket.resetAndDestroy()],
    ["whose connection is broken off", (client: ServedClient) => void client.served.destroy()],
  ])("says that it is not whole for a client %s before it took all", async (_name, leave) => {
    const server = await start();
    const client = await open(server);
    client.socket.pause();
    await client.send(request(`/?size=${MANY}`));
    await until(() => client.served.writableLength > 0);
    leave(client);
    await until(() => client.served.closed && server.seen[0]?.closes === 1);
    expect(server.seen[0]?.wasFinished).toBe(false);
  });

  it.each(["node", "short"] as const)("comes for a client that is gone before it was answered (%s)", async (kind) => {
    for (const leave of ["end", "resetAndDestroy", "destroy"] as const) {
      const server = await start({}, kind);
      const client = await open(server);
      await client.send(request("/?when=never"));
      await until(() => server.seen.length === 1);
      client.socket[leave]();
      await until(() => client.served.destroyed && server.seen[0]?.closes === 1);
      expect(server.seen[0]?.wasFinished).toBe(false);
      expect(server.seen[0]?.response.destroyed).toBe(true);
      expect(server.seen[0]?.response.write("late")).toBe(false);
    }
  });

  it("waits for a slow reader, who gets every byte, and says when there is room", async () => {
    let drains = 0;
    const server = await start({
      onRequest(_request, response) {
        const piece = Buffer.alloc(1024 * 1024, "p");
        let left = 32;
        const more = (): void => {
          while (left > 0) {
            left -= 1;
            if (response.write(piece)) continue;
            response.once("drain", () => {
              drains += 1;
              more();
            });
            return;
          }
          response.end();
        };
        more();
      },
    });
    const client = await open(server);
    client.socket.pause();
    await client.send(request("/"));
    await until(() => client.served.writableNeedDrain);
    expect([server.seen[0]?.response.writableNeedDrain, server.seen[0]?.closes]).toEqual([true, 0]);
    client.socket.resume();
    await until(() => server.seen[0]?.closes === 1 && client.text().endsWith("0\r\n\r\n"));
    expect(drains).toBeGreaterThan(0);
    expect(readAnswers(client.text(), [], false).whole[0]?.body).toBe("p".repeat(MANY));
  });
});

describe("a head", () => {
  it.each([
    ["a value with a line end", ["x-a", "b\r\nx-c: d"], undefined],
    ["a value beyond latin1", ["x-a", "\u010a"], undefined],
    ["a name with a space", ["x a", "b"], undefined],
    ["a name beyond latin1", ["x\u010a", "b"], undefined],
    ["no name", ["", "b"], undefined],
    ["a phrase with a line end", [], "O\r\nK"],
  ])("is refused with %s, and the request can still be answered", async (_what, list, phrase) => {
    const thrown: unknown[] = [];
    const server = await start({
      onRequest(_request, response) {
        try {
          response.writeHead(200, phrase ?? "OK", list);
        } catch (error) {
          thrown.push(error);
        }
        expect(response.headersSent).toBe(false);
        response.writeHead(500, { "content-length": 4 }).end("fine");
      },
    });
    const client = await open(server);
    await client.send(request("/"));
    await until(() => answersOf(client) === 1);
    expect(readAnswers(client.text(), [], false).whole).toMatchObject([{ status: 500, body: "fine" }]);
    expect(thrown).toEqual([expect.any(TypeError)]);
  });

  it("is written once", async () => {
    const server = await start({
      onRequest(_request, response) {
        response.writeHead(200, { "content-length": 2 });
        expect(() => response.writeHead(500)).toThrow("written before");
        response.end("ok");
        expect(() => response.writeHead(500)).toThrow("written before");
        expect([response.write("late"), response.writableEnded]).toEqual([false, true]);
        response.end("late");
      },
    });
    const client = await open(server);
    await client.send(request("/"));
    await until(() => server.seen[0]?.closes === 1 && answersOf(client) === 1);
    expect(readAnswers(client.text(), [], false)).toMatchObject({ whole: [{ status: 200, body: "ok" }], rest: "" });
  });
});
