// One answer of a simulated model, 64 words at 60 ms, whose server is killed (−9) after its thirtieth word: under Flyball with `resume`, and under plain
// restart supervision. The same engine, the same prompt, the same words.
import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { entryPoint } from "../../../packages/cli/src/entry-points.ts";
import { createAppRig } from "../../../test/support/app-rig.ts";
import { busyEngine } from "../../../test/support/busy-engine.ts";
import type { Bench } from "../../gateway/bench.ts";
import { freePort } from "../../gateway/machine/free-port.ts";
import type { SeenStream } from "./cut-stream-run.ts";
import { readStream, type ReadStream } from "./read-stream.ts";

const WORDS = 64;
const WORD_MS = 60;
const KILLED_AFTER = 30;
const RESTART_MS = 100;
const LIMIT_MS = 30_000;
const ENGINE_WORDS = ["--step-ms", String(WORD_MS), "--output-tokens", String(WORDS)];
const prompt = (model: string): object => ({
  model,
  stream: true,
  messages: [{ role: "user", content: "What does a governor do?" }],
});

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  while (!(await isTrue())) {
    if (performance.now() > limit) throw new Error(`not within ${LIMIT_MS / 1_000} s`);
    await delay(20);
  }
}

async function areWell(ports: readonly number[]): Promise<boolean> {
  const asked = ports.map((port) =>
    fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(500) }).catch(() => undefined),
  );
  return (await Promise.all(asked)).every((response) => response?.status === 200);
}

/** Reads the answer and kills when it is time; waits until two servers are well again. */
async function readAndKill(
  read: (onWord: (words: number) => void) => Promise<ReadStream>,
  kill: () => Promise<void>,
  isBack: () => Promise<boolean>,
): Promise<SeenStream> {
  const beganAt = performance.now();
  let killedAt = Number.NaN;
  let backMs: Promise<number> | undefined;
  const seen = await read((words) => {
    if (words !== KILLED_AFTER) return;
    backMs = kill().then(async () => {
      const at = performance.now();
      killedAt = at - beganAt;
      await until(isBack);
      return performance.now() - at;
    });
  });
  return { ...seen, backMs: (await backMs) ?? Number.NaN, killedAt };
}

/** Under Flyball: the answer that nobody disturbs, then the one whose server is killed. */
export async function watchFlyball(
  bench: Bench,
): Promise<{ readonly undisturbed: ReadStream; readonly stream: SeenStream }> {
  bench.cleanUp.requireOpen();
  const port = await freePort();
  const rig = await createAppRig({
    manifest: `name: cut-stream
services:
  llm: { serve: { engine: simulated, args: [${ENGINE_WORDS.map((word) => `"${word}"`).join(", ")}] }, replicas: 2 }
models:
  chat: { resume: true, backends: [{ service: llm }] }
gateway: { listeners: { web: { port: ${port} } } }
routes: [{ path: /v1, listener: web, model: chat }]
`,
  });
  const stop = bench.cleanUp.defer(() => rig.dispose());
  await rig.up();
  const url = `http://127.0.0.1:${port}/v1/chat/completions`;
  const undisturbed = await readStream(url, prompt("chat"), () => undefined);
  let killed = 0;
  const stream = await readAndKill(
    (onWord) => readStream(url, prompt("chat"), onWord),
    async () => {
      killed = await busyEngine(await rig.instances("llm"));
      process.kill(killed, "SIGKILL");
    },
    async () => {
      const ready = (await rig.instances("llm")).filter(({ state, pid }) => state === "ready" && pid !== killed);
      return ready.length === 2 && (await areWell(ready.flatMap(({ port: each }) => each ?? [])));
    },
  );
  await stop();
  return { undisturbed, stream };
}

/** Under a loop that starts again what ended after 100 ms; the client asks one of the two. */
export async function watchPlainRestart(bench: Bench): Promise<SeenStream> {
  bench.cleanUp.requireOpen();
  const ports = [await freePort(), await freePort()];
  const children: (ChildProcess | undefined)[] = [];
  let isEnding = false;
  const keep = (index: number): void => {
    if (isEnding) return;
    const [file = "", ...words] = [...entryPoint("engine"), "simulated", ...ENGINE_WORDS];
    const environment = { ...process.env, HOST: "127.0.0.1", PORT: String(ports[index]) };
    const child = spawn(file, words, { env: environment, stdio: "ignore" });
    children[index] = child;
    child.once("exit", () => void delay(RESTART_MS).then(() => keep(index)));
  };
  ports.forEach((_, index) => keep(index));
  const stop = bench.cleanUp.defer(async () => {
    isEnding = true;
    for (const child of children) child?.kill("SIGKILL");
  });
  await until(() => areWell(ports));
  const url = `http://127.0.0.1:${ports[0] ?? 0}/v1/chat/completions`;
  const stream = await readAndKill(
    (onWord) => readStream(url, prompt("simulated"), onWord),
    async () => void children[0]?.kill("SIGKILL"),
    () => areWell(ports),
  );
  await stop();
  return stream;
}
