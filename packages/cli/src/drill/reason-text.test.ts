import type { DrillReason, InjectorReason } from "@flyball/drill";
import { describe, expect, it } from "vitest";
import { en } from "../messages/en.ts";
import { createTranslate } from "../messages/translate.ts";
import { zh } from "../messages/zh.ts";
import { reasonText } from "./reason-text.ts";

const WHY: readonly InjectorReason[] = [
  { code: "no-process", service: "web" },
  { code: "process-gone", service: "web" },
  { code: "no-limits", words: "EPERM" },
  { code: "no-proxy", service: "web" },
  { code: "proxy-silent", service: "web", words: "ENOENT" },
  { code: "no-address", service: "web" },
  { code: "not-root" },
  { code: "no-program", program: "iptables" },
  { code: "program-fails", program: "iptables", words: "EPERM" },
  { code: "no-injector", kind: "load" },
  { code: "not-a-copy" },
  { code: "no-such-request" },
  { code: "no-lease-keeper" },
  { code: "inspector-busy", port: 9229 },
  { code: "not-node", pid: 7 },
  { code: "no-inspector", pid: 7 },
  { code: "inspector-closed" },
  { code: "no-worker" },
];
const failing = { code: "failing", failed: 2, sent: 9 } as const;
const REASONS: readonly DrillReason[] = [
  { code: "late", lagMs: 30, limitMs: 20 },
  { code: "stolen", percent: 7, limit: 5 },
  { code: "not-ready", service: "web", ready: 1, desired: 2 },
  { code: "app-state", state: "degraded" },
  { code: "no-gateway" },
  { code: "incident-open", number: 3, summary: "web/0" },
  { code: "no-request" },
  { ...failing, example: { name: "GET /", status: 502, problem: { code: "not-json" } } },
  { ...failing, example: { name: "GET /", problem: { code: "no-end", seconds: 30 } } },
  { code: "no-victim", victim: "engine", needs: ["two-replicas", "model"] },
  { code: "no-workers", workers: 1 },
  { code: "too-loaded", service: "web", percent: 90 },
  { code: "too-many-failed", failed: 300 },
  { code: "not-undone", words: "EPERM" },
  ...WHY.map((why) => ({ code: "cannot-inject", why }) as const),
];

describe("a reason of the referee", () => {
  it.each(REASONS)("is told in the reader's language: $code", (reason) => {
    const english = reasonText(reason, createTranslate(en));
    const chinese = reasonText(reason, createTranslate(zh));
    expect(english).not.toMatch(/[{}]|\p{Script=Han}/u);
    expect(chinese).toMatch(/\p{Script=Han}/u);
    expect(chinese).not.toMatch(/[{}]/);
  });

  it("keeps the words of the app and of the system as they came", () => {
    const example = { name: "GET /", problem: { code: "words", words: "no stock" } } as const;
    expect(reasonText({ ...failing, example }, createTranslate(en))).toContain("(GET /: no stock)");
    expect(reasonText({ code: "broke-off", words: "read ECONNRESET" }, createTranslate(zh))).toBe("read ECONNRESET");
  });
});
