import type { UsageStatus } from "@flyball/core";
import { expect, test } from "vitest";
import { startFakeApp } from "../testing/fake-app.ts";
import { makeInstance, makeServiceStatus, makeStatus } from "../testing/make-status.ts";

const MIB = 1024 ** 2;
const quantiles = (value: number) => ({ now: value, p50: value / 2, p95: value, max: value });
const reason = "asked 1GiB, used p95 210MiB over 15 min: 300MiB would do";
const composed = {
  reason: { key: "usage.reservation", values: { asked: "1GiB", used: "210MiB", advised: "300MiB", minutes: 15 } },
};
const usage: UsageStatus = {
  at: 0,
  windowMs: 900_000,
  machine: { cpus: 4, memoryBytes: 8_192 * MIB, gpus: 1 },
  reserved: { cpus: 0.5, memoryBytes: 1_024 * MIB, gpus: 1 },
  services: [
    {
      service: "api",
      reservations: { cpus: 0.5, memoryBytes: 1_024 * MIB, gpus: 1 },
      limits: {},
      observedMs: 900_000,
      instances: [
        { instance: "api/0", observedMs: 900_000, cpus: quantiles(0.2), memoryBytes: quantiles(210 * MIB) },
        { instance: "api/1", observedMs: 0 },
      ],
      advice: [
        { field: "reservations.memory", kind: "lower", asked: 1_024 * MIB, advised: 300 * MIB, reason, composed },
      ],
    },
    {
      service: "web",
      reservations: {},
      limits: { memoryBytes: 512 * MIB },
      observedMs: 60_000,
      instances: [{ instance: "web/0", observedMs: 60_000, memoryBytes: quantiles(40 * MIB) }],
      advice: [],
    },
  ],
};
const status = makeStatus([
  makeServiceStatus("api", [makeInstance("api/0")]),
  makeServiceStatus("web", [makeInstance("web/0")]),
]);
const answers = { "GET /v1/top": usage, "GET /v1/status": status };

test("shows what was asked against what is used, and the advice", async () => {
  await using app = await startFakeApp({ answers });
  const { exitCode, stdout } = await app.run(["top"]);
  expect(exitCode).toBe(0);
  const cells = stdout.split("\n").map((line) => line.split(/\s{2,}/));
  expect(cells[1]).toEqual(["api/0", "0.50", "0.20", "0.10", "0.20", "1.0 GiB", "210 MiB", "105 MiB", "210 MiB", "1"]);
  expect(cells[2]).toEqual(["api/1", "0.50", "-", "-", "-", "1.0 GiB", "-", "-", "-", "1"]);
  expect(cells[3]).toEqual(["web/0", "-", "-", "-", "-", "≤ 512 MiB", "40 MiB", "20 MiB", "40 MiB", "-"]);
  expect(stdout).toContain("Machine: 4 CPU, 8.0 GiB, 1 GPU; reserved: 0.5 CPU, 1.0 GiB, 1 GPU");
  expect(stdout).toContain(`api: lower reservations.memory: ${reason}`);
});

test("speaks Chinese, gives scripts everything, and can be asked for one service", async () => {
  await using app = await startFakeApp({ answers });
  expect((await app.run(["top", "--lang", "zh"])).stdout).toContain(
    "api：可减少 reservations.memory：预留 1GiB，15 分钟内 p95 为 210MiB：300MiB 即可",
  );
  expect(JSON.parse((await app.run(["top", "-o", "json"])).stdout)).toEqual(usage);
  const { stdout } = await app.run(["top", "web"]);
  expect(stdout).not.toContain("api/0");
  expect(stdout).toContain("Advice comes after 5 min of measuring");
  expect((await app.run(["top", "wev"])).exitCode).toBe(2);
});
