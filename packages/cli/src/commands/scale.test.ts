import type { ScaleStatus } from "@flyball/core";
import { describe, expect, test } from "vitest";
import { startFakeApp } from "../testing/fake-app.ts";
import { makeInstance, makeServiceStatus, makeStatus } from "../testing/make-status.ts";

const scale: ScaleStatus = {
  min: 1,
  max: 4,
  target: 0.75,
  windowMs: 10_000,
  by: "load",
  weightedAverageLoad: 0.914,
  wanted: 2,
  coldStartMs: 1_200,
  flaps: 0,
};
const statusWith = (change: Partial<ScaleStatus>) =>
  makeStatus([makeServiceStatus("api", [makeInstance("api/0")], { scale: { ...scale, ...change } })]);
const override = { id: "o", field: "services.api.replicas", value: 2, actor: "mia", reason: "r", createdAt: 0 };

describe("scale", () => {
  test("sets a number for a while, and says until when", async () => {
    const answers = {
      "GET /v1/status": statusWith({}),
      "POST /v1/scale": { override: { ...override, againstRevision: 1, expiresAt: 3_600_000 } },
    };
    await using app = await startFakeApp({ answers });
    const { stdout } = await app.run(["scale", "api", "2", "--for", "1h"]);
    expect(stdout).toMatch(/^api goes to 2 until 1970-01-01/);
    expect(app.asked.at(-1)).toBe('POST /v1/scale {"service":"api","replicas":2,"forMs":3600000}');
    expect((await app.run(["scale", "api", "2", "--for", "soon"])).exitCode).toBe(2);
  });

  test("gives the decision back to the manifest", async () => {
    const answers = { "GET /v1/status": statusWith({}), "POST /v1/scale": { removed: 1 } };
    await using app = await startFakeApp({ answers });
    expect((await app.run(["scale", "api", "auto"])).stdout).toBe("api goes back to what the manifest says\n");
    expect((await app.run(["scale", "api=auto", "--lang", "zh"])).stdout).toBe("api 重新按清单执行\n");
    expect(app.asked.at(-1)).toBe('POST /v1/scale {"service":"api","replicas":"auto"}');
  });
});

test.each([
  [{}, "api: 1 of 1–4 instances, load 0.91, target 0.75"],
  [{ limitedBy: "max", wanted: 9 }, "api: 1 of 1–4 instances, load 0.91, target 0.75; 9 needed, max is reached"],
  [{ limitedBy: "room" }, "api: 1 of 1–4 instances, load 0.91, target 0.75; 2 needed, the machine has no room"],
  [{ by: "set" }, "api: 1 of 1–4 instances, set by a person; Try: flyball scale api auto"],
  [{ by: "paused" }, "api: 1 of 1–4 instances, paused"],
  [{ by: "no-evidence" }, "api: 1 of 1–4 instances, nobody has said yet how loaded it is"],
] as const)("status and ps say how scaling stands: %o", async (change, line) => {
  await using app = await startFakeApp({ answers: { "GET /v1/status": statusWith(change) } });
  expect((await app.run(["status"])).stdout.replaceAll(/Try: \S+ /g, "Try: flyball ")).toContain(line);
  const { stdout, stderr } = await app.run(["ps"]);
  expect(stderr.replaceAll(/Try: \S+ /g, "Try: flyball ")).toContain(line);
  expect(stdout).not.toContain(line);
});
