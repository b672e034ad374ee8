// What the gateway may repeat when an instance dies in the middle of a request, and what it must not: a request that may have been
// executed is never sent again unless its method, a key or the manifest says that this does no harm.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { openGatewayPages, type GatewayPages } from "./support/gateway-pages.ts";
import { killBusyInstance, lostAttempts, type BusyKill } from "./support/kill-busy-instance.ts";
import { startOpenLoop } from "./support/open-loop.ts";
import { countReplies, sendRequest, type Reply } from "./support/send-request.ts";
import { serviceFiles } from "./support/service-files.ts";

const PER_SECOND = 40;
const KILL_EVERY_MS = 2_500;
const services = ["careful", "relaxed"] as const;

function manifest(): string {
  const service = (name: string, more: string): string => `
  ${name}:
    command: [node, counter.mjs]
    replicas: 2
    ports: [{ name: http }]
    healthcheck: { http: /health }
    environment: { COUNT_FILE: "${name}.ids" }
    ${more}`;
  return `apiVersion: flyball/v1\nname: counting\nservices:${service("careful", "")}${service("relaxed", "retries: { unsafe: true }")}\n`;
}

interface Outcome {
  readonly replies: readonly (Reply & { readonly id: string })[];
  readonly kills: readonly BusyKill[];
  /** Attempts that were cut off. */
  readonly lost: number;
  /** How often each id was executed. */
  readonly executions: ReadonlyMap<string, number>;
}

describe("a request whose instance is killed", () => {
  let rig: AppRig;
  let pages: GatewayPages;
  let turn = 0;

  beforeAll(async () => {
    rig = await createAppRig({ manifest: manifest(), files: serviceFiles("counter.mjs") });
    await rig.up();
    pages = await openGatewayPages(rig);
  });
  afterAll(() => rig?.dispose());

  /** Load on a service while its instances are killed. */
  async function fire(
    service: (typeof services)[number],
    plan: { readonly method: string; readonly hasKey?: boolean; readonly kills: number },
  ): Promise<Outcome> {
    const url = `${await rig.url(service)}/work`;
    const before = await lostAttempts(pages, service);
    const prefix = `${service}-${turn}`;
    const loop = startOpenLoop({
      perSecond: PER_SECOND,
      send: async (index) => {
        const id = `${prefix}-${index}`;
        const key = plan.hasKey === true ? { "idempotency-key": id } : {};
        const body = plan.method === "POST" ? { body: "work" } : {};
        const headers = { "x-id": id, ...key };
        return { id, ...(await sendRequest({ url, method: plan.method, headers, limitMs: 20_000, ...body })) };
      },
    });
    const kills: BusyKill[] = [];
    for (let kill = 0; kill < plan.kills; kill += 1) {
      await delay(kill === 0 ? 600 : KILL_EVERY_MS);
      kills.push(await killBusyInstance({ rig, pages, service, turn: turn++ }));
    }
    await delay(1_200);
    const replies = await loop.stop();
    const executions = new Map<string, number>();
    for (const id of idsIn(join(rig.folder.path, "app", `${service}.ids`))) {
      if (id.startsWith(`${prefix}-`)) executions.set(id, (executions.get(id) ?? 0) + 1);
    }
    return { replies, kills, lost: (await lostAttempts(pages, service)) - before, executions };
  }

  it("fails with a 502 that says it may have been executed, and nothing is executed twice", async () => {
    const { replies, kills, lost, executions } = await fire("careful", { method: "POST", kills: 3 });
    const failed = replies.filter(({ status }) => status !== 200);
    process.stdout.write(
      `${replies.length} requests, ${kills.length} kills, answers ${JSON.stringify(countReplies(replies))}\n`,
    );
    expect(countReplies(failed)).toEqual({ "502 FB_GATEWAY_UPSTREAM_LOST": lost });
    expect(failed.length).toBeGreaterThanOrEqual(kills.length);
    for (const { body } of failed) expect(body).toContain("it may have been executed");
    expect(Math.max(...executions.values())).toBe(1);
    const answered = replies.filter(({ status }) => status === 200);
    expect(answered.filter(({ id }) => executions.get(id) !== 1)).toEqual([]);
  });

  it.each([
    { name: "a GET", service: "careful", method: "GET" },
    { name: "a POST with an Idempotency-Key", service: "careful", method: "POST", hasKey: true },
    { name: "a POST to a service that opted in", service: "relaxed", method: "POST" },
  ] as const)("is answered all the same when it is $name", async ({ service, ...plan }) => {
    const { replies, kills, lost, executions } = await fire(service, { ...plan, kills: 1 });
    expect(countReplies(replies)).toEqual({ "200": replies.length });
    expect(lost).toBeGreaterThanOrEqual(kills.length);
    expect(replies.filter(({ id }) => !executions.has(id))).toEqual([]);
  });
});

function idsIn(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
}
