// A model server that is killed in the middle of an answer, in a real app with `resume`: the client has every word of it, once.
import { afterAll, beforeAll, expect, it } from "vitest";
import { readStream } from "../bench/faults/cut-stream/read-stream.ts";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { busyEngine } from "./support/busy-engine.ts";

const WORDS = 40;

let rig: AppRig;
let url: string;

beforeAll(async () => {
  rig = await createAppRig({
    manifest: `
name: resumed
services:
  llm:
    serve: { engine: simulated, args: ["--step-ms", "60", "--output-tokens", "${WORDS}"] }
    replicas: 2
models:
  chat: { resume: true, backends: [{ service: llm }] }
gateway: { listeners: { web: { port: 18660 } } }
routes: [{ path: /v1, listener: web, model: chat }]
`,
  });
  await rig.up();
  const { host, port } = (await rig.status()).listeners.find(({ id }) => id === "public/web")!.address;
  url = `http://${host}:${port}/v1/chat/completions`;
});
afterAll(() => rig?.dispose());

it("goes on at the other one with the very words of an answer that nobody disturbed", async () => {
  const call = { model: "chat", stream: true, messages: [{ role: "user", content: "What does a governor do?" }] };
  const undisturbed = await readStream(url, call, () => undefined);
  expect(undisturbed).toMatchObject({ end: "[DONE]" });
  expect(undisturbed.text.split(" ")).toHaveLength(WORDS);
  for (const killedAfter of [1, 15]) {
    let killed: Promise<void> | undefined;
    const seen = await readStream(url, call, (words) => {
      if (words === killedAfter)
        killed = rig.instances("llm").then(async (all) => void process.kill(await busyEngine(all), "SIGKILL"));
    });
    await killed;
    expect(seen).toMatchObject({ end: "[DONE]", text: undisturbed.text });
    await rig.until("two are ready again", async () => {
      const states = (await rig.instances("llm")).map(({ state }) => state);
      return states.length === 2 && states.every((state) => state === "ready");
    });
  }
});
