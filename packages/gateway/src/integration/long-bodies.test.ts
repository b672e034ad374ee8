// Long bodies give their memory back by hand: what backends receive must be the client's bytes all the same, whichever way a call takes.
import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, model, pool, route, snapshot } from "../testdata/snapshots.ts";
import { send } from "../testdata/test-client.ts";
import { startUpstream, type Answer, type TestUpstream } from "../testdata/test-upstream.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

let rig: Rig;
let version = 0;
const upstreams: TestUpstream[] = [];

beforeAll(async () => {
  rig = await createRig({ listeners: ["public"] });
  rig.send(snapshot(++version, { listeners: ["public"] }));
  await rig.start().ready;
});
afterAll(() => rig.dispose());
afterEach(async () => {
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.kill()));
});

/** `chat` is served by one pool an answer, in this order. */
async function publish(...answers: readonly Answer[]): Promise<void> {
  version += 1;
  const pools = [];
  for (const [index, answer] of answers.entries()) {
    const upstream = await startUpstream(answer);
    upstreams.push(upstream);
    pools.push(pool(`p${index}`, [endpoint(`p${index}/0@${version}`, upstream.port)]));
  }
  const models = [
    model(
      "chat",
      pools.map(({ id }) => id),
    ),
  ];
  const open = route("open", "", {
    match: { pathPrefix: "/v1" },
    destination: { kind: "models", models: ["chat"], requiresKey: false },
  });
  expect(await rig.publish(snapshot(version, { listeners: ["public"], pools, routes: [open], models }))).toBe(
    "applied",
  );
}

const digest = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

/** Answers with the digest of what it received. */
const DIGEST: Answer = (request, response, received) => {
  request.on("end", () => {
    const content = digest(received.body.toString().replace(/"model":"[^"]*"/, '"model":"chat"'));
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }] }),
    );
  });
};
/** Every fifth of them goes wrong: so few that the retry budget covers them, and that nobody is ejected for good. */
function fifth(wrong: Answer): Answer {
  let count = 0;
  return (...call) => {
    count += 1;
    (count % 5 === 0 ? wrong : DIGEST)(...call);
  };
}
const failing: Answer = (request, response) => {
  request.on("end", () => response.writeHead(500, { "content-type": "application/json" }).end('{"error":{}}'));
};
/** Says no before it has read anything, and goes on reading slowly. */
const hasty: Answer = (request, response) => {
  request.pause();
  response.writeHead(503, { "content-type": "application/json" }).end('{"error":{}}');
  setTimeout(() => request.resume(), 20);
};

function prompt(bytes: number, seed: number): string {
  const words = Array.from({ length: Math.ceil(bytes / 9) }, (_, at) =>
    ((at * 2_654_435_761 + seed) >>> 0).toString(36),
  );
  return JSON.stringify({ model: "chat", messages: [{ role: "user", content: words.join(" ").slice(0, bytes) }] });
}

async function ask(body: string): Promise<string> {
  const reply = await send({ port: rig.port("public"), path: "/v1/chat/completions", body });
  expect([reply.status, reply.status === 200 ? "" : reply.text]).toEqual([200, ""]);
  return (reply.json() as { choices: [{ message: { content: string } }] }).choices[0].message.content;
}

describe("long prompts, many at once", () => {
  const sizes = [1_000, 20_000, 70_000, 130_000, 400_000, 1_500_000];

  it.each([
    ["go through", [DIGEST]],
    ["go on where the first backend fails", [fifth(failing), DIGEST]],
    ["go on where the first backend answers before it has read them", [fifth(hasty), DIGEST]],
  ])("%s with the client's bytes", async (_, answers) => {
    await publish(...answers);
    for (let round = 0; round < 4; round += 1) {
      const bodies = sizes.flatMap((size, at) =>
        [0, 1, 2].map((more) => prompt(size + more, round * 100 + at * 3 + more)),
      );
      expect(await Promise.all(bodies.map(ask))).toEqual(bodies.map(digest));
    }
  });
});
