// What goes over the wire, pinned by golden files: UPDATE_GOLDEN=1 writes what was seen; read the difference before it is kept.
import { HOOK_TYPES } from "@flyball/core";
import { createHmac } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { englishOf } from "../texts/compose-text.ts";
import { CHANNELS } from "./channels/index.ts";
import { cutText } from "./cut-text.ts";
import { composeMessage } from "./notice-message.ts";
import type { NoticeDraft } from "./notice.ts";
import { makeEntry } from "./testdata/make-entry.ts";

const NOW = Date.UTC(2026, 10, 23, 8, 0, 2, 500);
const SETTING = { app: "rag", channel: "ops", timeZone: "Asia/Shanghai", say: englishOf };

const DRAFTS: Readonly<Record<string, NoticeDraft>> = {
  opened: {
    kind: "opened",
    at: NOW,
    entries: [
      makeEntry({ done: { key: "action.restart-in", values: { reason: "first crash", delayMs: 500 } } }),
      makeEntry({
        key: "llm:engine-stalled",
        incident: 8,
        subject: "llm",
        service: "llm",
        class: "engine-stalled",
        severity: "critical",
      }),
    ],
  },
  flapping: { kind: "flapping", at: NOW, entries: [makeEntry({ episodes: 3 })] },
  "data-missing": { kind: "data-missing", at: NOW, entries: [makeEntry({ dataMissingSince: NOW - 5_000 })] },
  resolved: {
    kind: "resolved",
    at: NOW,
    entries: [makeEntry({ endedAt: NOW - 60_000, totalMs: 1_240, dependants: ["web/0"] })],
  },
  test: { kind: "test", at: NOW, entries: [] },
  heartbeat: { kind: "heartbeat", at: NOW, entries: [] },
};

describe.each(HOOK_TYPES)("what %s is sent", (type) => {
  it.each(Object.entries(DRAFTS))("for a notice of kind %s is that of its golden file", (name, draft) => {
    const message = composeMessage({ ...draft, id: "ntc_1" }, SETTING);
    const place = { url: `https://hooks.example/${type}?token=t`, secret: "SEC-of-the-test", now: NOW };
    const { body, ...rest } = CHANNELS[type].compose(message, place);
    const seen = `${JSON.stringify({ ...rest, body: JSON.parse(body) as unknown }, null, 2)}\n`;
    const file = new URL(`testdata/payloads/${type}-${name}.json`, import.meta.url);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, seen);
    expect(seen).toBe(readFileSync(file, "utf8"));
  });

  it("has nothing of the secret in it, and no signature without one", () => {
    const message = composeMessage({ ...(DRAFTS["opened"] as NoticeDraft), id: "ntc_1" }, SETTING);
    const place = { url: "https://hooks.example/x", secret: "SEC-of-the-test", now: NOW };
    expect(JSON.stringify(CHANNELS[type].compose(message, place))).not.toContain("SEC-of-the-test");
    const { secret: _secret, ...open } = place;
    expect(JSON.stringify(CHANNELS[type].compose(message, open))).not.toMatch(/sign/i);
  });

  it("is small however much there is to tell, and its body is JSON", () => {
    const summary = { key: "verbatim", values: { text: `${"坏".repeat(5_000)}"\n\\<!channel>` } };
    const entries = Array.from({ length: 500 }, (_, incident) => makeEntry({ incident, summary }));
    const message = composeMessage({ kind: "opened", at: NOW, entries, id: "ntc_1" }, SETTING);
    const { body } = CHANNELS[type].compose(message, { url: "https://hooks.example/x", now: NOW });
    expect(Buffer.byteLength(body)).toBeLessThan(64 * 1024);
    expect(JSON.parse(body)).toBeTypeOf("object");
    expect(body).not.toContain("<!channel>");
  });
});

describe("signatures", () => {
  it("of a webhook are those that Standard Webhooks asks for", () => {
    const message = composeMessage({ ...(DRAFTS["test"] as NoticeDraft), id: "msg_p5jXN8AQM9LWM0D4loKWxJek" }, SETTING);
    const key = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
    const place = {
      url: "https://x.example",
      secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      now: 1_614_265_330_999,
    };
    const { headers, body } = CHANNELS.webhook.compose(message, place);
    const signed = `msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.${body}`;
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  });
});

describe("an answer", () => {
  const judge = (type: keyof typeof CHANNELS, status: number, body: unknown, retryAfter?: string): string => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const answer = { status, body: text, ...(retryAfter === undefined ? {} : { retryAfter }) };
    const outcome = CHANNELS[type].judge(answer, NOW);
    const wait = outcome.kind === "failed" && outcome.retryAfterMs !== undefined ? ` in ${outcome.retryAfterMs}` : "";
    return `${outcome.kind}${wait}: ${outcome.kind === "failed" ? outcome.reason : outcome.answer}`;
  };

  it("of HTTP is success, later, or never", () => {
    expect(judge("slack", 200, "ok")).toBe("delivered: 200 ok");
    expect(judge("webhook", 204, "")).toBe("delivered: 204");
    expect(judge("webhook", 302, "")).toBe("refused: 302");
    expect(judge("slack", 404, "no_service")).toBe("refused: 404 no_service");
    expect(judge("slack", 429, "rate_limited", "30")).toBe("failed in 30000: 429 rate_limited");
    const at = new Date(NOW + 9_500).toUTCString();
    expect(judge("webhook", 503, "busy\nnow", at)).toBe("failed in 9500: 503 busy now");
    expect(judge("webhook", 500, "", "soon")).toBe("failed: 500");
  });

  it("of a robot is what its body says", () => {
    expect(judge("dingtalk", 200, { errcode: 0, errmsg: "ok" })).toBe("delivered: 0 ok");
    expect(judge("dingtalk", 200, { errcode: 310_000, errmsg: "sign not match" })).toBe(
      "refused: 310000 sign not match",
    );
    expect(judge("dingtalk", 200, { errcode: 130_101, errmsg: "send too fast" })).toBe(
      "failed in 60000: 130101 send too fast",
    );
    expect(judge("feishu", 200, { StatusCode: 0, StatusMessage: "success", code: 0, msg: "success" })).toBe(
      "delivered: 0 success",
    );
    expect(judge("feishu", 200, { code: 19_021, msg: "sign match fail or timestamp is not within one hour" })).toBe(
      "refused: 19021 sign match fail or timestamp is not within one hour",
    );
    expect(judge("feishu", 400, { code: 9_499, msg: "too many request" })).toBe(
      "failed in 60000: 9499 too many request",
    );
    expect(judge("wecom", 200, { errcode: 93_000, errmsg: "invalid webhook url" })).toBe(
      "refused: 93000 invalid webhook url",
    );
    expect(judge("wecom", 200, { errcode: 45_009, errmsg: "api freq out of limit" })).toBe(
      "failed in 60000: 45009 api freq out of limit",
    );
    expect(judge("wecom", 502, "<html>bad gateway</html>")).toBe("failed: 502 <html>bad gateway</html>");
    expect(judge("wecom", 200, "<html>log in first</html>")).toBe(
      "refused: no verdict in 200 <html>log in first</html>",
    );
  });
});

describe("a text that is too long", () => {
  it("is cut between characters, within its bytes", () => {
    expect(cutText("short", 5)).toBe("short");
    for (const most of [4, 5, 6, 7, 8, 20]) {
      const cut = cutText("故障🔥故障🔥", most);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(most);
      expect(cut).not.toContain("\u{FFFD}");
      expect(cut.endsWith("…") || cut === "故障🔥故障🔥").toBe(true);
    }
  });
});
