// Two apps and two clones of a third on one machine at once, all of which want the same public port that somebody else holds: nobody
// meets anybody, every port is told, and the end of one is nothing to the others.
import type { AppStatus } from "@flyball/core";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerOf, jsonOf } from "./support/answer-of.ts";
import { appProcesses, isRunning } from "./support/app-processes.ts";
import { serviceFiles } from "./support/service-files.ts";
import { createSharedState, type SharedApp, type SharedState } from "./support/shared-state.ts";

let holder: Server;
let wished: number;
let shared: SharedState;
let apps: Readonly<Record<"alpha" | "beta" | "first" | "second", SharedApp>>;

const manifest = (name: string): string => `
name: ${name}
services:
  web:
    command: [node, web.mjs]
    replicas: 2
    ports: [{ name: http, published: ${wished} }]
    environment: { VERSION: "${name}" }
    healthcheck: { http: /health }
    depends_on: [cache]
  cache: { command: [node, cache.mjs], ports: [{ name: tcp, protocol: tcp }] }
`;

beforeAll(async () => {
  holder = createServer((_request, response) => response.end("somebody else")).listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  wished = (holder.address() as AddressInfo).port;
  shared = await createSharedState();
  const add = (folder: string, name: string): Promise<SharedApp> =>
    shared.add(folder, manifest(name), serviceFiles("web.mjs", "cache.mjs"));
  apps = {
    alpha: await add("alpha", "alpha"),
    beta: await add("beta", "beta"),
    first: await add("one", "twin"),
    second: await add("two", "twin"),
  };
});

afterAll(async () => {
  await shared?.dispose();
  holder?.close();
});

describe("four apps on one state root", () => {
  it("start at the same moment and all become ready; `up` and `status` name who holds the wished port", async () => {
    const results = await Promise.all(Object.values(apps).map((app) => app.flyball("up", "-d")));
    for (const result of results) {
      expect(result.code, result.stderr).toBe(0);
      expect(result.stderr).toMatch(
        new RegExp(`port ${wished} is taken by \\S.* \\(pid ${process.pid}\\), so \\d+ is used`),
      );
    }
    for (const app of Object.values(apps)) {
      const status = await app.status();
      expect(status.state).toBe("ready");
      expect((await app.flyball("status")).stdout).toContain(`(pid ${process.pid})`);
      const listener = status.listeners.find(({ id }) => id.startsWith("public/"));
      expect(listener).toMatchObject({ wishedPort: wished });
      expect(listener?.holder).toBe(`node (pid ${process.pid})`);
    }
  });

  it("have ports of their own, and each answers on its own", async () => {
    const statuses = await Promise.all(Object.values(apps).map((app) => app.status()));
    const ports = statuses.flatMap(portsOf);
    expect(new Set(ports).size).toBe(ports.length);
    expect(ports).not.toContain(wished);
    expect(new Set(statuses.map(({ app, clone }) => `${app}.${clone}`)).size).toBe(4);
    expect(apps.first.stateFolder()).not.toBe(apps.second.stateFolder());
    for (const status of statuses) {
      const answer = await jsonOf<{ version: string; instance: string }>(`${urlOf(status)}/`);
      expect(answer.version).toBe(status.app);
      expect(answer.instance).toContain(`${status.app}.${status.clone}/web/`);
    }
    expect((await answerOf(`http://127.0.0.1:${wished}/`)).text).toBe("somebody else");
  });

  it("go on untouched when one of them, a clone or another app, is brought down", async () => {
    for (const name of ["first", "alpha"] as const) {
      const others = Object.entries(apps).filter(
        ([other]) => other !== name && !(name === "alpha" && other === "first"),
      );
      const before = await Promise.all(others.map(([, app]) => appProcesses(app.stateFolder())));
      const own = await appProcesses(apps[name].stateFolder());
      expect((await apps[name].flyball("down")).code).toBe(0);
      expect([own.keeper, ...own.tagged].filter(isRunning)).toEqual([]);
      for (const processes of before) expect([processes.keeper, ...processes.tagged].every(isRunning)).toBe(true);
      for (const [, app] of others) {
        const status = await app.status();
        expect(status.state).toBe("ready");
        expect((await answerOf(`${urlOf(status)}/`)).status).toBe(200);
        expect((await app.client().incidents()).incidents).toEqual([]);
      }
    }
    expect((await apps.first.flyball("status")).code).toBe(1);
  });
});

/** Every port that an app listens on: listeners of the gateway and control, and instances. */
function portsOf(status: AppStatus): readonly number[] {
  const listeners = status.listeners.map(({ address }) => address.port);
  const instances = status.services.flatMap((service) => service.instances.map(({ port }) => port));
  return [...listeners, ...instances.filter((port) => port !== null)];
}

function urlOf(status: AppStatus): string {
  return status.services.find(({ service }) => service === "web")?.url?.replace(/\/$/, "") ?? "";
}
