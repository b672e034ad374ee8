import type { NoticeChannelStatus, NoticeTestResult } from "@flyball/core";
import { expect, test } from "vitest";
import { startFakeApp } from "../testing/fake-app.ts";
import { makeStatus } from "../testing/make-status.ts";

const CHANNELS: readonly NoticeChannelStatus[] = [
  { channel: "ops", type: "webhook", state: "works", queued: 0, sent: 1, lost: 0, deliveredAt: 0 },
  {
    channel: "chat",
    type: "dingtalk",
    state: "fails",
    queued: 2,
    sent: 0,
    lost: 1,
    failure: "310000 sign not match",
    failsSince: 0,
  },
  { channel: "mail", type: "smtp", state: "unused", queued: 0, sent: 1, lost: 0 },
];
const RESULTS: readonly NoticeTestResult[] = [
  { channel: "ops", type: "webhook", isDelivered: true, answer: "200 ok" },
  { channel: "chat", type: "dingtalk", isDelivered: false, answer: "310000 sign not match" },
];

test("flyball notify lists the channels, and one that fails is exit code 3", async () => {
  await using app = await startFakeApp({ answers: { "GET /v1/status": makeStatus([], { notices: CHANNELS }) } });
  const { stdout, exitCode } = await app.run(["notify"]);
  expect(exitCode).toBe(3);
  expect(stdout).toMatch(/^CHANNEL +TYPE +STATE +WAITING +LOST +LAST SENT +LAST FAILURE$/m);
  expect(stdout).toMatch(/^chat +dingtalk +✗ fails +2 +1 +- +310000 sign not match$/m);
  expect(stdout).toMatch(/^mail +smtp +unused +0 +0 +- +-$/m);
});

test("flyball notify without channels says where to read on", async () => {
  await using app = await startFakeApp({ answers: { "GET /v1/status": makeStatus([]) } });
  const { stdout, exitCode } = await app.run(["--lang", "zh", "notify"]);
  expect([exitCode, stdout.trim()]).toEqual([0, "清单中没有通知渠道。试试：flyball docs notify"]);
});

test("flyball status names a channel that fails, and no other", async () => {
  await using app = await startFakeApp({ answers: { "GET /v1/status": makeStatus([], { notices: CHANNELS }) } });
  const { stdout } = await app.run(["status"]);
  expect(stdout).toContain(
    "✗ notices do not reach chat (dingtalk): 310000 sign not match; 2 waiting, 1 lost. Try: flyball notify test chat",
  );
  expect(stdout).not.toContain("ops");
});

test("flyball notify test says what each channel answered, and fails when one was not taken", async () => {
  await using app = await startFakeApp({ answers: { "POST /v1/notices/test": { results: RESULTS } } });
  const { stdout, exitCode } = await app.run(["notify", "test"]);
  expect(exitCode).toBe(1);
  expect(stdout).toBe("✓ ops (webhook): 200 ok\n✗ chat (dingtalk): 310000 sign not match\n");
  await app.run(["notify", "test", "chat"]);
  expect(app.asked).toEqual(["POST /v1/notices/test {}", 'POST /v1/notices/test {"channel":"chat"}']);
});
