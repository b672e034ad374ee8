// How long connections of HTTP/1.1 live: those on which nothing runs, and those whose last answer says that they end.
import { createFakeClock } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { readAnswers } from "./testdata/read-answers.ts";
import { until } from "./testdata/served.ts";
import { answersOf, open, request, start } from "./testdata/test-servers.ts";

describe("connections on which nothing runs", () => {
  it("end when the listener closes them, and not while an answer runs or goes out", async () => {
    const server = await start();
    const [idle, running, slow] = [await open(server), await open(server), await open(server)];
    slow.socket.pause();
    await idle.send(request("/1"));
    await running.send(request("/2?when=never"));
    await slow.send(request(`/3?size=${32 * 1024 * 1024}`));
    await until(() => answersOf(idle) === 1 && server.seen[0]?.closes === 1 && slow.served.writableLength > 0);
    server.http1?.closeIdle();
    expect([idle, running, slow].map(({ served }) => served.destroyed)).toEqual([true, false, false]);
    slow.socket.resume();
    server.seen.find(({ url }) => url?.startsWith("/2"))?.response.end("late");
    await until(() => answersOf(slow) === 1 && answersOf(running) === 1);
  });

  it("end when they were kept for as long as is said, counted from the last answer or the last byte of a head", async () => {
    const clock = createFakeClock();
    const server = await start({ clock, limits: { keepAliveMs: 5_000, checkEveryMs: 100 } });
    const [idle, running, late, mixed] = [
      await open(server),
      await open(server),
      await open(server),
      await open(server),
    ];
    await idle.send(request("/1"));
    await running.send(request("/2?when=never"));
    await late.send(request("/3"));
    await mixed.send("HEAD /4 HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => answersOf(mixed, ["HEAD"]) === 1);
    await mixed.send(request("/5?when=never"));
    await until(() => answersOf(idle) === 1 && answersOf(late) === 1 && server.seen.length === 5);
    expect(readAnswers(idle.text(), [], false).whole[0]?.headers).toContainEqual(["Keep-Alive", "timeout=5"]);
    await until(() => server.seen.filter(({ closes }) => closes === 1).length === 3);
    // Node's own timer of an idle connection does not hold while an answer runs.
    expect(mixed.served.timeout).toBe(0);
    await clock.advance(4_900);
    await late.send("GET /6 HTTP/1.1\r\n");
    await clock.advance(1_000);
    // A second more than is said, as with Node.
    expect(idle.served.destroyed).toBe(false);
    await clock.advance(200);
    expect([idle, running, late, mixed].map(({ served }) => served.destroyed)).toEqual([true, false, false, false]);
    for (const { response, closes } of server.seen) if (closes === 0) response.end();
    await until(() => answersOf(running) === 1 && answersOf(mixed, ["HEAD", "GET"]) === 2);
    await until(() => server.seen.every(({ closes }) => closes === 1));
    await clock.advance(6_600);
    expect([running, late, mixed].map(({ served }) => served.destroyed)).toEqual([true, true, true]);
  });
});

describe("an answer that ends the connection", () => {
  it("is whole, and nothing behind it is served, whether it came with it or later", async () => {
    const server = await start({
      onRequest(_request, response) {
        setImmediate(() => {
          response.shouldKeepAlive = false;
          response.end("bye");
        });
      },
    });
    const client = await open(server);
    await client.send(request("/1") + request("/2") + request("/3"));
    await until(() => client.isClosed());
    expect(readAnswers(client.text(), [], true)).toMatchObject({
      whole: [{ status: 200, body: "bye", headers: expect.arrayContaining([["Connection", "close"]]) }],
      rest: "",
    });
    await until(() => client.served.closed);
    expect(server.seen.map(({ url, closes, wasFinished }) => [url, closes, wasFinished])).toEqual([["/1", 1, true]]);
  });

  it("is the last one even where the parser finds another request while the connection closes", async () => {
    const post = "POST /3 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab";
    let found = 0;
    const server = await start({
      onRequest({ socket }, response) {
        const { parser } = socket as { parser?: { execute(bytes: Buffer): unknown } };
        response.once("close", () => {
          if (found === 0) found = parser?.execute(Buffer.from(request("/2") + post)) as number;
        });
        response.shouldKeepAlive = false;
        response.end("bye");
      },
    });
    const client = await open(server);
    await client.send(request("/1"));
    await until(() => client.served.closed && client.isClosed());
    expect(found).toBe(request("/2").length + post.length);
    expect(server.seen.map(({ url }) => url)).toEqual(["/1"]);
    expect(answersOf(client)).toBe(1);
  });
});
