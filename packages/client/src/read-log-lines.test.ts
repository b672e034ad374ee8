import type { LogLine } from "@flyball/core";
import { expect, test } from "vitest";
import { createControlClient } from "./control-client.ts";
import { startControlServer } from "./testing/control-server.ts";

const line = (text: string): LogLine => ({ at: 1, instance: "api/0", stream: "stdout", text });

test("lines are handed on as they come, also when a piece ends inside a line or a character", async () => {
  const second = Promise.withResolvers<void>();
  await using server = await startControlServer((_, response) => {
    const bytes = Buffer.from(`${JSON.stringify(line("你好"))}\n${JSON.stringify(line("二"))}\n`);
    response.write(bytes.subarray(0, bytes.indexOf("你") + 1));
    response.write(bytes.subarray(bytes.indexOf("你") + 1, -4));
    void second.promise.then(() => response.end(bytes.subarray(-4)));
  });
  const lines = createControlClient({ url: server.url, token: "t" }).logs({ service: "api", tail: 5, follow: true });
  const reader = lines[Symbol.asyncIterator]();
  expect((await reader.next()).value).toEqual(line("你好"));
  second.resolve();
  expect((await reader.next()).value).toEqual(line("二"));
  expect((await reader.next()).done).toBe(true);
  expect(server.seen[0]?.path).toBe("/v1/logs?service=api&tail=5&follow=true");
});

test("leaving the loop closes the connection", async () => {
  const closed = Promise.withResolvers<void>();
  await using server = await startControlServer((_, response) => {
    response.on("close", () => closed.resolve());
    response.write(`${JSON.stringify(line("one"))}\n`);
  });
  for await (const _ of createControlClient({ url: server.url }).logs({ follow: true })) break;
  await closed.promise;
});

test("an abort ends the lines without an error", async () => {
  const stop = new AbortController();
  await using server = await startControlServer(
    (_, response) => void response.write(`${JSON.stringify(line("one"))}\n`),
  );
  const texts: string[] = [];
  for await (const { text } of createControlClient({ url: server.url }).logs({ follow: true }, stop.signal)) {
    texts.push(text);
    stop.abort();
  }
  expect(texts).toEqual(["one"]);
});

test("a connection that breaks is FB_CONTROL_UNREACHABLE", async () => {
  await using server = await startControlServer((_, response) => {
    response.write(`${JSON.stringify(line("one"))}\n`, () => response.destroy());
  });
  const read = async (): Promise<void> => {
    for await (const _ of createControlClient({ url: server.url }).logs({})) continue;
  };
  await expect(read()).rejects.toMatchObject({ code: "FB_CONTROL_UNREACHABLE" });
});
