import type { ServerResponse } from "node:http";
import type { AppEvent } from "@flyball/core";
import { createFakeClock, seededRandom } from "@flyball/fakes";
import { expect, test } from "vitest";
import { followEvents, reconnectWaitMs } from "./follow-events.ts";
import { answerJson, type ControlServer, startControlServer } from "./testing/control-server.ts";

const event = (sequence: number): AppEvent => ({ sequence, at: sequence, event: "gateway-state", state: "connected" });

function send(response: ServerResponse, ...sequences: readonly number[]): void {
  if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
  for (const sequence of sequences)
    response.write(`id: ${sequence}\nevent: gateway-state\ndata: ${JSON.stringify(event(sequence))}\n\n`);
}

/** Follows on a fake clock that moves on by itself, so that waits between connections take no time. */
async function follow(
  server: ControlServer,
  options: { readonly count: number; readonly after?: number; readonly giveUpAfterMs?: number },
): Promise<readonly number[]> {
  const stop = new AbortController();
  const clock = createFakeClock(0);
  const moving = setInterval(() => void clock.advanceToNext(), 1);
  const seen: number[] = [];
  try {
    const { after, giveUpAfterMs } = options;
    const address = { url: server.url, token: "t" };
    const optional = giveUpAfterMs === undefined ? {} : { giveUpAfterMs };
    for await (const { sequence } of followEvents({
      address,
      clock,
      timeoutMs: 5_000,
      after,
      signal: stop.signal,
      ...optional,
    })) {
      seen.push(sequence);
      if (seen.length === options.count) stop.abort();
    }
    return seen;
  } finally {
    clearInterval(moving);
  }
}

test("events come in order, and the request says after which", async () => {
  await using server = await startControlServer((_, response) => send(response, 5, 6));
  expect(await follow(server, { count: 2, after: 4 })).toEqual([5, 6]);
  expect(server.seen[0]?.path).toBe("/v1/events?after=4");
});

test("after a lost connection it goes on behind the last event, and an event that comes again is not told twice", async () => {
  let connections = 0;
  await using server = await startControlServer((_, response, request) => {
    connections += 1;
    if (connections === 1) {
      send(response, 1, 2);
      response.write("", () => request.socket.destroy());
    } else send(response, 2, 3);
  });
  expect(await follow(server, { count: 3 })).toEqual([1, 2, 3]);
  expect(server.seen.map(({ path }) => path)).toEqual(["/v1/events", "/v1/events?after=2"]);
});

test("a stream that ends in order is taken up again", async () => {
  let connections = 0;
  await using server = await startControlServer((_, response) => {
    connections += 1;
    send(response, connections);
    if (connections < 3) response.end();
  });
  expect(await follow(server, { count: 3 })).toEqual([1, 2, 3]);
});

test("control that stays away longer than the patience is FB_CONTROL_UNREACHABLE", async () => {
  const server = await startControlServer((_, response) => void response.end());
  await server[Symbol.asyncDispose]();
  await expect(follow(server, { count: 1, giveUpAfterMs: 3_000 })).rejects.toMatchObject({
    code: "FB_CONTROL_UNREACHABLE",
  });
});

test("a refused token ends the following at once", async () => {
  await using server = await startControlServer((_, response) =>
    answerJson(response, 401, { error: { code: "FB_CONTROL_UNAUTHORISED", message: "", details: {} } }),
  );
  await expect(follow(server, { count: 1 })).rejects.toMatchObject({ code: "FB_CONTROL_UNAUTHORISED" });
  expect(server.seen).toHaveLength(1);
});

test("pain 13: five hundred that lost the same control do not come back in one moment", () => {
  // Control is away for ten seconds; each tries by its own waits, and is connected at its first try after that.
  const backAt = 10_000;
  const slots = new Map<number, number>();
  for (let client = 0; client < 500; client += 1) {
    const random = seededRandom(client + 1);
    let [now, waitMs] = [0, 50];
    while (now < backAt) {
      now += reconnectWaitMs(waitMs, random);
      waitMs = Math.min(waitMs * 2, 1_000);
    }
    const slot = Math.floor((now - backAt) / 100);
    slots.set(slot, (slots.get(slot) ?? 0) + 1);
  }
  const mean = 500 / slots.size;
  expect(slots.size).toBeGreaterThanOrEqual(9);
  expect(Math.max(...slots.values())).toBeLessThanOrEqual(2 * mean);
});
