import type { BoundListener, KeeperClient } from "@flyball/wire";
import { describe, expect, it } from "vitest";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { createGatewayHost, type GatewayHost } from "./gateway-host.ts";
import type { WantedListener } from "../desired/listeners-of.ts";

/** A keeper in memory: it binds every port but the busy ones, and counts starts of the gateway. */
function rig(busy: readonly number[] = []): {
  host: GatewayHost;
  bound: Map<string, BoundListener>;
  starts: string[][];
} {
  const bound = new Map<string, BoundListener>();
  const starts: string[][] = [];
  const answers: Record<string, (params: never) => unknown> = {
    listeners: () => ({ listeners: [...bound.values()] }),
    bind: ({ id, host, port, tryNext }: { id: string; host: string; port: number; tryNext: number }) => {
      if (bound.get(id)?.host === host && bound.get(id)?.port === port) return bound.get(id);
      const taken = new Set([
        ...busy,
        ...[...bound.values()].filter((one) => one.host === host).map((one) => one.port),
      ]);
      for (let candidate = port; candidate <= port + tryNext; candidate += 1) {
        if (taken.has(candidate)) continue;
        bound.set(id, { id, host, port: candidate });
        return bound.get(id);
      }
      throw new Error("busy");
    },
    unbind: ({ id }: { id: string }) => (bound.delete(id), {}),
    "system-list": () => ({ processes: starts.length === 0 ? [] : [{ name: "gateway" }] }),
    "system-start": ({ listeners }: { listeners: string[] }) => (starts.push(listeners), { generation: starts.length }),
  };
  const keeper = {
    call: async (method: string, params: never) => answers[method]?.(params),
  } as unknown as KeeperClient;
  const host = createGatewayHost({
    keeper,
    store: openSqliteStore(":memory:"),
    tag: "app.clone",
    argv: ["gateway"],
    workingDirectory: "/",
    environment: {},
  });
  return { host, bound, starts };
}

const web = (port: number): WantedListener => ({
  id: "public/web",
  kind: "public",
  host: "127.0.0.1",
  port,
  twinHost: "::1",
});
const inner: WantedListener = { id: "service/api", kind: "service", host: "127.0.0.1", port: 0 };

describe("the gateway's host", () => {
  it("binds what is wanted with the twin of a public listener, and starts the gateway once for one shape", async () => {
    const { host, bound, starts } = rig();
    await host.ensure([web(8080), inner], 1);
    await host.ensure([web(8080), inner], 1);
    expect([...bound.keys()]).toEqual(["public/web", "public/web/v6", "service/api"]);
    expect(starts).toHaveLength(1);
    await host.ensure([web(8080), inner], 2);
    expect(starts).toHaveLength(2);
  });

  it("takes the next port when the wished one is busy, and the wished one when the wish changes", async () => {
    const { host, bound } = rig([8080]);
    const { statuses } = await host.ensure([web(8080)], 1);
    expect(statuses[0]).toMatchObject({ address: { port: 8081 }, wishedPort: 8080 });
    await host.ensure([web(8080)], 1);
    expect(bound.get("public/web")?.port).toBe(8081);
    await host.ensure([web(9000)], 1);
    expect(bound.get("public/web")?.port).toBe(9000);
    expect(bound.get("public/web/v6")?.port).toBe(9000);
  });

  it("keeps internal ports, and unbinds what is not wanted any more", async () => {
    const { host, bound } = rig();
    await host.ensure([inner, web(8080)], 1);
    const port = bound.get("service/api")?.port;
    await host.ensure([inner], 1);
    expect([...bound.keys()]).toEqual(["service/api"]);
    expect(bound.get("service/api")?.port).toBe(port);
  });

  it("moves a listener on whose port another program took, and has the gateway follow", async () => {
    const { host, bound, starts } = rig();
    await host.ensure([web(8080), inner], 1);
    const port = bound.get("service/api")?.port ?? 0;
    await host.giveUp("service/api");
    await host.giveUp("public/web");
    await host.ensure([web(8080), inner], 1);
    expect(bound.get("service/api")?.port).toBe(port + 1);
    expect(bound.get("public/web")?.port).toBe(8081);
    expect(starts).toHaveLength(2);
  });
});
