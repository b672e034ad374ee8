import { existsSync, statSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { isProcessAlive, readProcessIdentity } from "@flyball/wire";
import { askProxy } from "../inject/proxy-client.ts";
import { startProxy, type StartedProxy } from "../testdata/start-proxy.ts";
import { until } from "../testdata/until.ts";

let started: StartedProxy[] = [];

afterEach(async () => {
  for (const proxy of started) await proxy[Symbol.asyncDispose]();
  started = [];
});

async function start(...options: Parameters<typeof startProxy>): Promise<StartedProxy> {
  const proxy = await startProxy(...options);
  started.push(proxy);
  return proxy;
}

describe("a program behind the fault proxy", () => {
  it("runs on another port with the tag of the instance, and its answers are its own", async () => {
    const proxy = await start({ environment: { FLYBALL_INSTANCE: "qa.1/a/0" } });
    const who = (await (await fetch(`${proxy.url}/who`)).json()) as { pid: number; port: number; tag: string };
    expect(who).toMatchObject({ pid: proxy.programPid, tag: "qa.1/a/0" });
    expect(who.port).not.toBe(proxy.port);
    const body = "x".repeat(300_000);
    const echo = await fetch(`${proxy.url}/echo`, { method: "PUT", body });
    expect(echo.headers.get("x-method")).toBe("PUT");
    expect(await echo.text()).toBe(body);
    expect((await fetch(`${proxy.url}/none`)).status).toBe(404);
    const stream = await (await fetch(`${proxy.url}/stream`)).text();
    expect(stream.match(/word\d/g)).toHaveLength(10);
    expect(stream.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("speaks WebSocket through it", async () => {
    const proxy = await start();
    const socket = new WebSocket(proxy.url.replace("http", "ws"));
    const answer = new Promise((resolve, reject) => {
      socket.addEventListener("message", ({ data }) => resolve(data));
      socket.addEventListener("error", () => reject(new Error("the WebSocket failed")));
    });
    socket.addEventListener("open", () => socket.send("hello"));
    expect(await answer).toBe("hello");
    socket.close();
  });

  it("is told about by a socket that only this user may open", async () => {
    const proxy = await start();
    expect(statSync(proxy.socket).mode & 0o777).toBe(0o600);
    expect(await askProxy(proxy.socket, "status")).toMatchObject({ rule: null, programPid: proxy.programPid });
  });

  it("is counted by its requests, health checks and readings of counters apart", async () => {
    const proxy = await start();
    const { arrived } = await askProxy(proxy.socket, "status");
    for (const path of ["/health", "/metrics", "/answer", "/echo"]) await (await fetch(proxy.url + path)).text();
    expect((await askProxy(proxy.socket, "status")).arrived).toBe(arrived + 2);
  });

  it.each([0, 3])("ends the proxy with its code %i", async (code) => {
    const proxy = await start();
    await fetch(`${proxy.url}/exit?code=${code}`).catch(() => undefined);
    expect(await proxy.ended).toEqual({ code, signal: null });
    expect(existsSync(proxy.socket)).toBe(false);
  });

  it.each(["SIGKILL", "SIGSEGV", "SIGTERM", "SIGUSR2"])("ends the proxy by its signal %s", async (signal) => {
    const proxy = await start();
    await fetch(`${proxy.url}/kill?signal=${signal}`).catch(() => undefined);
    expect(await proxy.ended).toEqual({ code: null, signal });
  });

  it("gets the signals that the proxy gets", async () => {
    const proxy = await start({ environment: { EXITS_7_ON_TERM: "1" } });
    process.kill(proxy.process.pid, "SIGTERM");
    expect(await proxy.ended).toEqual({ code: 7, signal: null });
  });

  it("that does not stop when it is asked goes on serving, and is asked once", async () => {
    const proxy = await start({ environment: { IGNORES_TERM: "1" } });
    process.kill(-proxy.process.pid, "SIGTERM");
    await until(() => proxy.output.includes("asked to stop"));
    expect(await (await fetch(`${proxy.url}/health`)).text()).toBe("fine");
    expect(proxy.output.filter((line) => line === "asked to stop")).toHaveLength(1);
  });

  it("does not outlive a proxy that is killed", async () => {
    const proxy = await start();
    const program = readProcessIdentity(proxy.programPid);
    process.kill(proxy.process.pid, "SIGKILL");
    await until(() => !isProcessAlive(program));
  });

  it("that cannot be started ends the proxy with a reason", async () => {
    const proxy = await start({ argv: ["/no/such/program"] });
    expect(await proxy.ended).toEqual({ code: 127, signal: null });
  });
});
