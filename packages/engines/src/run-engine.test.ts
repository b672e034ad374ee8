// Engines as processes: the address is printed, SIGTERM drains, wrong arguments say so.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { runEngine } from "./run-engine.ts";
import type { EngineSurroundings } from "./run-engine.ts";

function fakeSurroundings(): EngineSurroundings & {
  readonly printed: Promise<string>;
  readonly complaints: string[];
  readonly terminate: () => void;
  readonly listeners: () => number;
} {
  const printed = Promise.withResolvers<string>();
  const complaints: string[] = [];
  const listeners = new Set<() => void>();
  return {
    print: (line) => printed.resolve(line),
    complain: (line) => complaints.push(line),
    onTermination(run) {
      listeners.add(run);
      return () => listeners.delete(run);
    },
    printed: printed.promise,
    complaints,
    terminate: () => listeners.forEach((run) => run()),
    listeners: () => listeners.size,
  };
}

const urlIn = (line: string): string => /http:\S+/.exec(line)?.[0] ?? "";

describe("runEngine", () => {
  it("prints the address, serves, and ends with 0 when told to", async () => {
    const surroundings = fakeSurroundings();
    const ended = runEngine(["extractive", "--model", "own"], {}, surroundings);
    const line = await surroundings.printed;
    expect(line).toMatch(/^extractive engine "own" listens on http:\/\/127\.0\.0\.1:\d+$/);
    const models = (await (await fetch(`${urlIn(line)}/v1/models`)).json()) as { data: { id: string }[] };
    expect(models.data.map(({ id }) => id)).toEqual(["own"]);
    surroundings.terminate();
    expect(await ended).toBe(0);
    expect(surroundings.listeners()).toBe(0);
  });

  it("ends with 2 and the usage when the arguments are wrong", async () => {
    const surroundings = fakeSurroundings();
    expect(await runEngine(["unknown"], {}, surroundings)).toBe(2);
    expect(surroundings.complaints.join("\n")).toContain("Usage:");
  });

  it("ends with 1 when the port is taken", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const surroundings = fakeSurroundings();
    const port = String((holder.address() as AddressInfo).port);
    expect(await runEngine(["simulated"], { PORT: port }, surroundings)).toBe(1);
    expect(surroundings.complaints.join("\n")).toContain("EADDRINUSE");
    holder.close();
  });

  it("closes at once at the second signal", async () => {
    const surroundings = fakeSurroundings();
    const ended = runEngine(["simulated", "--step-ms", "60000"], {}, surroundings);
    const url = urlIn(await surroundings.printed);
    const answer = ask(url, "simulated");
    await untilRunning(url);
    surroundings.terminate();
    surroundings.terminate();
    expect(await ended).toBe(0);
    await expect(answer).rejects.toThrow();
  });

  it("finishes a running stream after SIGTERM and exits with 0", async () => {
    const module = new URL("./run-engine.ts", import.meta.url).href;
    const script = `const { runEngine } = await import(${JSON.stringify(module)}); process.exitCode = await runEngine(process.argv.slice(1), process.env);`;
    const argv = [
      "--conditions=flyball-source",
      "--disable-warning=ExperimentalWarning",
      "--input-type=module",
      "-e",
      script,
    ];
    const flags = ["simulated", "--step-ms", "20", "--output-tokens", "20"];
    const child = spawn(process.execPath, [...argv, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit") as Promise<[number | null, string | null]>;
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const response = await ask(urlIn(line), "simulated");
    child.kill("SIGTERM");
    expect(await response.text()).toContain("data: [DONE]");
    expect(await exited).toEqual([0, null]);
  });
});

/** Resolves with the response as soon as its first chunk is there. */
function ask(url: string, model: string): Promise<Response> {
  const body = JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "hello" }] });
  return fetch(`${url}/v1/chat/completions`, { method: "POST", body });
}

async function untilRunning(url: string): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text();
    if (/^vllm:num_requests_running\{.*\} 1$/m.test(text)) return;
  }
}
