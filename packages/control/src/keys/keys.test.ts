import { type AppSpec, isFlyballError, type IssuedKey, type KeyRequest, NO_LIMITS } from "@flyball/core";
import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { routeRequest } from "../api/router.ts";
import { createControlRig, type ControlRig } from "../testing/control-rig.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";
import type { StoredKey } from "./stored-key.ts";

const SPAN = 20_000;
const timeouts = { connectMs: 1, firstByteMs: 1, gapMs: 1, totalMs: 0 };
const backends = [{ kind: "service", service: "api", model: "m" }] as const;
const spec = makeSpec([makeService("api")], {
  gateway: { listeners: { web: { host: "127.0.0.1", port: 8080 } }, workers: 1 },
  models: { chat: { name: "chat", timeouts, backends }, embed: { name: "embed", timeouts, backends } },
  tenants: { acme: NO_LIMITS, umbrella: NO_LIMITS },
  routes: [
    {
      name: "search",
      listener: "web",
      match: { pathPrefix: "/" },
      destination: { kind: "services", services: [{ service: "api", weight: 1 }] },
      stripsPrefix: false,
      requiresKey: true,
    },
  ],
});
const withoutAcme: AppSpec = { ...spec, tenants: { umbrella: NO_LIMITS } };

let rig: ControlRig | undefined;
afterEach(async () => {
  await rig?.dispose();
  rig = undefined;
});

async function startRig(): Promise<ControlRig> {
  rig = await createControlRig();
  await rig.apply(spec);
  return rig;
}

function ask(from: ControlRig, call: string, body: unknown = {}): Promise<unknown> {
  const [method = "", target = ""] = call.split(" ");
  const { pathname, searchParams: query } = new URL(target, "http://control");
  const request = { method, path: pathname, query, body, actor: "ann" };
  return routeRequest(from.control.context, request, () => undefined);
}

async function create(from: ControlRig, request: KeyRequest = {}): Promise<IssuedKey> {
  return (await ask(from, "POST /v1/keys", request)) as IssuedKey;
}

async function list(from: ControlRig): Promise<readonly IssuedKey["key"][]> {
  return ((await ask(from, "GET /v1/keys")) as { keys: readonly IssuedKey["key"][] }).keys;
}

const published = (from: ControlRig): readonly { id: string; hmac: string }[] => from.published.at(-1)?.keys ?? [];
const hmac = (value: string): string => createHmac("sha256", "secret").update(value).digest("hex");
const refusal = async (asked: Promise<unknown>): Promise<{ code: string; message: string; exitCode: number }> => {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isFlyballError(error)) throw new Error(`no refusal but ${String(error)}`);
  return { code: error.code, message: error.message, exitCode: error.definition.exitCode };
};

describe("a new key", () => {
  it("is in the gateways' snapshot before its value is handed out, by its HMAC only", async () => {
    const own = await startRig();
    const { key, value } = await create(own, { name: "ci", tenant: "acme", models: ["chat"], routes: ["search"] });
    expect(value).toMatch(/^fb-[\w-]{43}[\w-]{6}$/);
    expect(key).toMatchObject({ name: "ci", prefix: value.slice(0, 7), state: "live", createdBy: "ann" });
    expect(published(own)).toEqual([
      {
        id: key.id,
        hmac: hmac(value),
        service: "",
        models: ["chat"],
        tenant: "acme",
        routes: ["search", "search/v6"],
      },
    ]);
    const kept = JSON.stringify([own.store.keys.list(), own.published, await list(own)]);
    expect(kept).not.toContain(value);
    expect(kept).not.toContain(value.slice(3, 20));
  });

  it("is in force once every gateway has said so, and after a second it is said that one has not", async () => {
    const own = await startRig();
    expect(await create(own)).toMatchObject({ isInForce: true });
    const asleep = { generation: 1, pid: 2, workers: 1, snapshotVersion: 1 };
    own.gateways.push(asleep);
    const waiting = create(own);
    await own.advance(1_100);
    expect(await waiting).toMatchObject({ isInForce: false });
    const late = create(own);
    own.gateways[1] = { ...asleep, snapshotVersion: 1_000 };
    await own.advance(100);
    expect(await late).toMatchObject({ isInForce: true });
  });

  it("may use every model unless some are named", async () => {
    const own = await startRig();
    await create(own);
    expect(published(own)[0]).toMatchObject({ models: ["*"] });
  });

  it("is written into the audit trail with actor, reason and difference, without its value", async () => {
    const own = await startRig();
    const entries: unknown[] = [];
    const { append } = own.store.audit;
    Object.assign(own.store.audit, { append: (...entry: Parameters<typeof append>) => void entries.push(entry[0]) });
    const { key, value } = await create(own, { name: "ci", reason: "for the pipeline" });
    expect(entries).toEqual([
      { actor: "ann", action: "key-create", reason: "for the pipeline", difference: { before: null, after: key } },
    ]);
    expect(JSON.stringify(entries)).not.toContain(value.slice(7));
  });

  it.each([
    [{ tenant: "acm" }, "the app has no tenant acm; did you mean acme?"],
    [{ models: ["caht"] }, "the app has no model caht; did you mean chat?"],
    [{ routes: ["zzz"] }, "the app has no route zzz; its routes are search"],
    [{ tenant: "__proto__" }, "the app has no tenant __proto__"],
    [{ name: "two\r\nlines" }, "a name has 1 to 64"],
    [{ name: "key_1" }, "a name has 1 to 64"],
    [{ expiresAt: 1 }, "a moment to come"],
    [{ models: [] }, "a list of names"],
    [{ limits: { rates: [{ unit: "requests", limit: 0, windowMs: 1_000 }] } }, "from 1 to"],
    [{ limits: { rates: [{ unit: "requests", limit: 5, windowMs: 1_234 }] } }, "a second, a minute"],
    [{ limits: { budgets: [{ currency: "eur", microUnits: 5, per: "day" }] } }, "usd or cny"],
    [{ tenants: ["acme"] }, "a key has no tenants"],
  ])("is refused for %j", async (body, message) => {
    const own = await startRig();
    const before = own.published.length;
    const seen = await refusal(ask(own, "POST /v1/keys", body));
    expect(seen).toMatchObject({ code: "FB_CONTROL_BAD_REQUEST", exitCode: 2 });
    expect(seen.message).toContain(message);
    expect([own.published.length, own.store.keys.list()]).toEqual([before, []]);
  });

  it("has a name that no other key has, until that one is revoked", async () => {
    const own = await startRig();
    await create(own, { name: "ci" });
    expect((await refusal(create(own, { name: "ci" }))).message).toContain("there is a key named ci already");
    await ask(own, "POST /v1/keys/ci/revoke");
    const { key } = await create(own, { name: "ci" });
    expect((await list(own)).map(({ state }) => state)).toEqual(["live", "revoked"]);
    await ask(own, "POST /v1/keys/ci/revoke");
    expect((await list(own)).find(({ id }) => id === key.id)?.state).toBe("revoked");
  });
});

describe("a key", () => {
  it("is gone from the snapshot when its revocation is answered, for good", async () => {
    const own = await startRig();
    const { key } = await create(own);
    expect(await ask(own, `POST /v1/keys/${key.id}/revoke`, { reason: "leaked" })).toMatchObject({
      key: { state: "revoked", reason: "revoked by ann: leaked" },
    });
    expect(published(own)).toEqual([]);
    expect((await refusal(ask(own, `POST /v1/keys/${key.id}/rotate`))).message).toContain("is revoked");
    await ask(own, `POST /v1/keys/${key.id}/revoke`, { reason: "again" });
    expect((await list(own))[0]?.reason).toBe("revoked by ann: leaked");
  });

  it("that nobody has is not found, and the nearest one is named", async () => {
    const own = await startRig();
    await create(own, { name: "pipeline" });
    expect(await refusal(ask(own, "POST /v1/keys/pipelin/revoke"))).toMatchObject({ code: "FB_CONTROL_NOT_FOUND" });
  });

  it("works by both values while the old one is kept, and by the new one only after that", async () => {
    const own = await startRig();
    const { key, value } = await create(own);
    const next = (await ask(own, `POST /v1/keys/${key.id}/rotate`, { keepMs: SPAN })) as IssuedKey;
    expect(next.value).not.toBe(value);
    const until = own.clock.now() + SPAN;
    expect(next.key.earlierValues).toEqual([{ prefix: value.slice(0, 7), until }]);
    expect(published(own)).toMatchObject([
      { id: key.id, hmac: hmac(next.value), earlierValues: [{ hmac: hmac(value), expiresAt: until }] },
    ]);
    await own.advance(SPAN + 1_000);
    expect(published(own)[0]).not.toHaveProperty("earlierValues");
    const last = (await ask(own, `POST /v1/keys/${key.id}/rotate`)) as IssuedKey;
    expect(published(own)).toMatchObject([{ hmac: hmac(last.value) }]);
    expect(published(own)[0]).not.toHaveProperty("earlierValues");
  });

  it("keeps at most five earlier values, none longer than itself", async () => {
    const own = await startRig();
    const expiresAt = Math.round(own.clock.now()) + SPAN;
    const { key } = await create(own, { expiresAt });
    for (let turn = 0; turn < 7; turn += 1) await ask(own, `POST /v1/keys/${key.id}/rotate`, { keepMs: 2 * SPAN });
    const { earlierValues = [] } = published(own)[0] as { earlierValues?: readonly { expiresAt: number }[] };
    expect(earlierValues.map((earlier) => earlier.expiresAt)).toEqual(Array.from({ length: 5 }, () => expiresAt));
  });

  it("leaves the snapshot when it expires", async () => {
    const own = await startRig();
    await create(own, { expiresAt: Math.round(own.clock.now()) + SPAN });
    await own.advance(SPAN - 2_000);
    expect(published(own)).toHaveLength(1);
    await own.advance(4_000);
    expect(published(own)).toHaveLength(0);
    expect((await list(own))[0]).toMatchObject({ state: "expired", reason: "its time is over" });
  });

  it("is refused, with the reason, while the revision has not its tenant", async () => {
    const own = await startRig();
    const { key } = await create(own, { tenant: "acme" });
    await own.apply(withoutAcme);
    expect(published(own)).toEqual([]);
    expect((await list(own))[0]).toMatchObject({
      state: "refused",
      reason: "the current revision has no tenant acme",
      composed: { reason: { key: "key.tenant-gone", values: { tenant: "acme" } } },
    });
    await own.apply(spec);
    expect(published(own).map(({ id }) => id)).toEqual([key.id]);
  });

  it("is there after a restart of control, and so are a hundred", async () => {
    const own = await startRig();
    const issued = [];
    for (let turn = 0; turn < 100; turn += 1) issued.push(await create(own, { name: `key ${turn}` }));
    expect(new Set(issued.map(({ value }) => value)).size).toBe(100);
    rig = await own.restartControl();
    expect((await list(rig)).map(({ id }) => id)).toEqual(issued.map(({ key }) => key.id).toReversed());
    await rig.advance(2_000);
    expect(published(rig).map((key) => key.hmac)).toEqual(issued.map(({ value }) => hmac(value)));
  });
});

/** The revision that stands, with its gateway in another zone. */
function inZone(own: ControlRig, timeZone: string) {
  const { revision } = own.control.context.state;
  if (revision === undefined) throw new Error("no revision");
  return { ...revision, spec: { ...revision.spec, gateway: { ...revision.spec.gateway, timeZone } } };
}

describe("the usage of keys", () => {
  it("comes from the ledger's sums, from the day on in which the span began", async () => {
    const own = await startRig();
    const { key } = await create(own, { name: "ci" });
    const queries: unknown[] = [];
    const sums = { calls: 2, failed: 0, estimated: 1, unpriced: 0, inputTokens: 10, cachedTokens: 4, outputTokens: 5 };
    const ledger = {
      usage: (query: unknown) => {
        queries.push(query);
        return [
          { group: ["service/api"], ...sums, usd: 0, cny: 0 },
          { group: [key.id], ...sums, calls: 9, usd: 1_500_000, cny: 0 },
        ];
      },
    };
    Object.assign(own.control.context, { ledger });
    const since = Date.UTC(2026, 10, 23, 23, 59);
    expect(await ask(own, `GET /v1/keys/usage?since=${since}`)).toEqual({
      from: "2026-11-23",
      usage: [
        { key: key.id, name: "ci", ...sums, calls: 9, usd: 1_500_000, cny: 0 },
        { key: "service/api", name: "", ...sums, usd: 0, cny: 0 },
      ],
    });
    await ask(own, `GET /v1/keys/usage?since=${since}&key=ci`);
    expect(queries.splice(0)).toEqual([
      { by: ["key"], from: "2026-11-23" },
      { by: ["key"], from: "2026-11-23", key: key.id },
    ]);
    own.control.context.state.revision = inZone(own, "Asia/Shanghai");
    expect(await ask(own, `GET /v1/keys/usage?since=${since}`)).toMatchObject({ from: "2026-11-24" });
    own.control.context.state.revision = inZone(own, "America/New_York");
    expect(await ask(own, `GET /v1/keys/usage?since=${since}`)).toMatchObject({ from: "2026-11-23" });
    expect((await refusal(ask(own, "GET /v1/keys/usage?since=x"))).code).toBe("FB_CONTROL_BAD_REQUEST");
    expect((await refusal(ask(own, "GET /v1/keys/usage?key=other"))).code).toBe("FB_CONTROL_NOT_FOUND");
  });
});

describe("the store", () => {
  it("gives keys back in the order in which they were made, whatever changed since", async () => {
    const own = await startRig();
    const first = (await create(own)).key;
    await own.advance(1_000);
    const second = (await create(own)).key;
    await ask(own, `POST /v1/keys/${first.id}/revoke`);
    const ids = (keys: readonly StoredKey[]): readonly string[] => keys.map(({ id }) => id);
    expect(ids(own.store.keys.list())).toEqual([first.id, second.id]);
  });
});
