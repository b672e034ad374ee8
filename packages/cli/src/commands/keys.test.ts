import { FlyballError, type KeyStatus } from "@flyball/core";
import { createFakeClock } from "@flyball/fakes";
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { startFakeApp } from "../testing/fake-app.ts";

const NOW = Date.UTC(2026, 10, 23);
const clock = createFakeClock(NOW);
const key: KeyStatus = {
  id: "key_1",
  name: "ci",
  prefix: "fb-aBcD",
  models: ["*"],
  createdAt: 0,
  createdBy: "ann",
  earlierValues: [],
  state: "live",
};
const value = `fb-aBcD${"x".repeat(45)}`;
const refuse =
  (error: FlyballError) =>
  (response: ServerResponse): void => {
    response.writeHead(error.definition.httpStatus, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: error.toJSON() }));
  };
const sent = (asked: readonly string[]): unknown => JSON.parse(asked[0]?.replace("POST /v1/keys ", "") ?? "null");

describe("keys create", () => {
  test("writes the value, and nothing else, to stdout", async () => {
    await using app = await startFakeApp({ answers: { "POST /v1/keys": { key, value, isInForce: true } } });
    const { exitCode, stdout, stderr } = await app.run(["keys", "create"]);
    expect([exitCode, stdout]).toEqual([0, `${value}\n`]);
    expect(stderr).toContain("key_1 is ready. The value above is shown this once");
    expect(stderr).not.toContain(value);
    expect(app.asked).toEqual(["POST /v1/keys {}"]);
  });

  test("gives scripts the key and its value", async () => {
    await using app = await startFakeApp({ answers: { "POST /v1/keys": { key, value, isInForce: true } } });
    const { stdout } = await app.run(["keys", "create", "-o", "json"]);
    expect(JSON.parse(stdout)).toEqual({ key, value, isInForce: true });
  });

  test("sends every option in the form of the API", async () => {
    await using app = await startFakeApp({ answers: { "POST /v1/keys": { key, value, isInForce: true } } });
    const words = "keys create --name ci --tenant acme --model chat --model embed --route search --expires 30d";
    const more = "--requests 600/min --requests 10k/day --tokens 1M/min --concurrency 20 --budget 5usd/day";
    const last = ["--budget", "0.5CNY/month", "--reason", "for the pipeline"];
    await app.run([...`${words} ${more}`.split(" "), ...last], {}, clock);
    expect(sent(app.asked)).toEqual({
      name: "ci",
      tenant: "acme",
      models: ["chat", "embed"],
      routes: ["search"],
      expiresAt: NOW + 30 * 86_400_000,
      limits: {
        rates: [
          { unit: "requests", limit: 600, windowMs: 60_000 },
          { unit: "requests", limit: 10_000, windowMs: 86_400_000 },
          { unit: "tokens", limit: 1_000_000, windowMs: 60_000 },
        ],
        concurrency: 20,
        budgets: [
          { currency: "usd", microUnits: 5_000_000, per: "day" },
          { currency: "cny", microUnits: 500_000, per: "month" },
        ],
        ratesOnStoreLoss: "local-share",
        budgetsOnStoreLoss: "refuse",
      },
      reason: "for the pipeline",
    });
  });

  test.each([
    ["2027-01-31", Date.UTC(2027, 0, 31)],
    ["2027-01-31T08:00+08:00", Date.UTC(2027, 0, 31)],
    ["1h30m", NOW + 5_400_000],
  ])("reads the end %s", async (text, expiresAt) => {
    await using app = await startFakeApp({ answers: { "POST /v1/keys": { key, value, isInForce: true } } });
    await app.run(["keys", "create", "--expires", text], {}, clock);
    expect(sent(app.asked)).toEqual({ expiresAt });
  });

  test.each([
    [["--expires", "2027-02-30"], "--expires: expected a duration such as 30d or a date"],
    [["--expires", "tomorrow"], "--expires: expected a duration such as 30d or a date"],
    [["--expires", "2020-01-01"], "2020-01-01 is over already"],
    [["--requests", "600"], "--requests: expected a rate such as 10/s"],
    [["--tokens", "0/min"], "--tokens: expected a rate such as 10/s"],
    [["--budget", "5eur/day"], "--budget: expected an amount such as 5usd/day"],
    [["--budget", "0usd/day"], "--budget: expected an amount such as 5usd/day"],
    [["--concurrency", "0"], "--concurrency: expected a whole number from 1"],
  ])("refuses %j as a usage error and asks for nothing", async (words, message) => {
    await using app = await startFakeApp({ answers: { "POST /v1/keys": { key, value, isInForce: true } } });
    const { exitCode, stdout, stderr } = await app.run(["keys", "create", ...words], {}, clock);
    expect([exitCode, stdout, app.asked]).toEqual([2, "", []]);
    expect(stderr).toContain(message);
  });

  test("answers a misspelt tenant with the nearest one, in both languages", async () => {
    const details = { reason: "no", what: "tenant", name: "acm", known: ["umbrella", "acme"] };
    const refusal = refuse(new FlyballError("FB_CONTROL_BAD_REQUEST", details));
    await using app = await startFakeApp({ answers: { "POST /v1/keys": refusal } });
    const english = await app.run(["keys", "create", "--tenant", "acm"]);
    expect(english.exitCode).toBe(2);
    expect(english.stderr).toContain("the app has no tenant acm. Did you mean acme? Its tenants are acme, umbrella");
    const chinese = await app.run(["keys", "create", "--tenant", "acm", "--lang", "zh"]);
    expect(chinese.stderr).toContain("应用中没有租户 acm。要找的是 acme 吗？它的租户有 acme, umbrella");
  });
});

describe("keys list", () => {
  const keys: readonly KeyStatus[] = [
    {
      ...key,
      limits: {
        rates: [{ unit: "requests", limit: 600, windowMs: 60_000 }],
        budgets: [{ currency: "usd", microUnits: 5_000_000, per: "day" }],
        concurrency: 20,
        ratesOnStoreLoss: "refuse",
        budgetsOnStoreLoss: "refuse",
      },
      earlierValues: [{ prefix: "fb-0000", until: NOW }],
    },
    {
      ...key,
      id: "key_2",
      name: "",
      tenant: "acme",
      models: ["chat"],
      routes: ["search"],
      state: "refused",
      reason: "the current revision has no tenant acme",
      composed: { reason: { key: "key.tenant-gone", values: { tenant: "acme" } } },
    },
    { ...key, id: "key_3", name: "old", state: "revoked", reason: "revoked by ann: leaked" },
  ];
  const answers = { "GET /v1/keys": { keys } };

  test("shows the keys that are not revoked, and why one of them is refused", async () => {
    await using app = await startFakeApp({ answers });
    const { stdout, stderr } = await app.run(["keys", "list"]);
    const rows = stdout.split("\n").map((line) => line.split(/\s{2,}/));
    expect(rows[0]).toEqual(["ID", "NAME", "PREFIX", "STATE", "TENANT", "MODELS", "LIMITS", "EXPIRES"]);
    expect(rows[1]?.slice(0, 7)).toEqual([
      "key_1",
      "ci",
      "fb-aBcD",
      "✓ live",
      "-",
      "every one",
      "requests 600/min, concurrency 20, budget 5usd/day",
    ]);
    expect(rows[2]?.slice(0, 6)).toEqual(["key_2", "-", "fb-aBcD", "✗ refused", "acme", "chat"]);
    expect(stdout).toContain("ci: the earlier value fb-0000… works until ");
    expect(stdout).toContain("key_2: the current revision has no tenant acme\nkey_2: opens only search");
    expect(stdout).not.toContain("key_3");
    expect(stderr).toContain("Revoked keys that are left out: 1. Try: flyball keys list --all");
  });

  test("shows all of them when asked, also without its verb, and in Chinese", async () => {
    await using app = await startFakeApp({ answers });
    for (const words of [
      ["keys", "--all"],
      ["keys", "list", "--all"],
    ]) {
      const { stdout, stderr } = await app.run([...words, "--lang", "zh"]);
      expect(stdout).toContain("✗ 已吊销");
      expect(stdout).toContain("key_2: 当前版本中没有租户 acme");
      expect(stderr).toBe("");
    }
  });

  test("gives scripts the API's own objects", async () => {
    await using app = await startFakeApp({ answers });
    const { stdout } = await app.run(["keys", "list", "--all", "-o", "json"]);
    expect(JSON.parse(stdout)).toEqual(keys);
  });

  test("teaches the next command where there is none", async () => {
    await using app = await startFakeApp({ answers: { "GET /v1/keys": { keys: [] } } });
    expect((await app.run(["keys"])).stdout).toBe("No keys. Try: flyball keys create\n");
  });
});

describe("keys rotate and revoke", () => {
  test("rotate says how long the value before works", async () => {
    const rotated = { ...key, earlierValues: [{ prefix: "fb-0000", until: NOW }] };
    const answers = { "POST /v1/keys/ci/rotate": { key: rotated, value, isInForce: true } };
    await using app = await startFakeApp({ answers });
    const { stdout, stderr } = await app.run(["keys", "rotate", "ci", "--keep", "24h"]);
    expect(stdout).toBe(`${value}\n`);
    expect(stderr).toContain("the earlier value fb-0000… works until ");
    expect(app.asked).toEqual(['POST /v1/keys/ci/rotate {"keepMs":86400000}']);
  });

  test("rotate without --keep says that the value before is refused", async () => {
    await using app = await startFakeApp({ answers: { "POST /v1/keys/ci/rotate": { key, value, isInForce: true } } });
    const { stderr } = await app.run(["keys", "rotate", "ci"]);
    expect(stderr).toContain("The value before is refused from now on.");
    expect(app.asked).toEqual(["POST /v1/keys/ci/rotate {}"]);
  });

  test("revoke says that it is done, and a key that nobody has is a usage error", async () => {
    const details = { what: "key", name: "cx", remedy: "Try: flyball keys list", nearest: "ci" };
    const answers = {
      "POST /v1/keys/ci/revoke": { key: { ...key, state: "revoked" }, isInForce: true },
      "POST /v1/keys/cx/revoke": refuse(new FlyballError("FB_CONTROL_NOT_FOUND", details)),
    };
    await using app = await startFakeApp({ answers });
    const { stdout } = await app.run(["keys", "revoke", "ci", "--reason", "leaked"]);
    expect(stdout).toBe("ci is revoked; every gateway refuses it from now on\n");
    const missed = await app.run(["keys", "revoke", "cx"]);
    expect([missed.exitCode, app.asked[0]]).toEqual([2, 'POST /v1/keys/ci/revoke {"reason":"leaked"}']);
    expect(missed.stderr).toContain("there is no key cx. Did you mean ci?");
  });
});

test("a change that not every gateway has confirmed is told as such", async () => {
  const answers = {
    "POST /v1/keys": { key, value, isInForce: false },
    "POST /v1/keys/ci/revoke": { key, isInForce: false },
  };
  await using app = await startFakeApp({ answers });
  expect((await app.run(["keys", "create"])).stderr).toContain("not every one, has said within a second");
  const { stdout, stderr } = await app.run(["keys", "revoke", "ci"]);
  expect(stdout).toBe("ci is revoked\n");
  expect(stderr).toContain("not every one, has said within a second");
});

describe("keys usage", () => {
  const used = { failed: 1, inputTokens: 1_200, cachedTokens: 200, outputTokens: 340 };
  const usage = [
    { key: "key_1", name: "ci", calls: 12, ...used, estimated: 2, unpriced: 1, usd: 1_234_567, cny: 0 },
    { key: "service/api", name: "", calls: 3, ...used, estimated: 0, unpriced: 0, usd: 0, cny: 2_500_000 },
  ];
  const path = `GET /v1/keys/usage?since=${NOW - 2 * 86_400_000}`;

  test("shows calls, tokens and money by key, and what is not known of them", async () => {
    await using app = await startFakeApp({ answers: { [path]: { usage, from: "2026-11-21" } } });
    const { stdout, stderr } = await app.run(["keys", "usage", "--since", "2d"], {}, clock);
    const rows = stdout.split("\n").map((line) => line.split(/\s{2,}/));
    expect(rows.slice(1, 3)).toEqual([
      ["key_1", "ci", "12", "1", "1200", "340", "≥ 1.234567", "≥ 0.00"],
      ["service/api", "-", "3", "1", "1200", "340", "0.00", "2.50"],
    ]);
    expect(stderr).toContain("Since 2026-11-21");
    expect(stderr).toContain("Calls whose tokens are an estimate: 2");
    expect(stderr).toContain("Calls with tokens of unknown price: 1");
  });

  test("asks for one key, and says so when there was nothing", async () => {
    await using app = await startFakeApp({
      answers: { [path.replace("since", "key=ci&since")]: { usage: [], from: "2026-11-21" } },
    });
    const words = ["keys", "usage", "ci", "--since", "2d"];
    const { stderr, stdout } = await app.run(words, {}, clock);
    expect([stdout, stderr]).toEqual(["No calls since 2026-11-21\n", ""]);
    expect(app.asked).toHaveLength(1);
  });
});
