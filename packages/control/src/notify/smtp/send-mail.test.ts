// Real conversations with a mail server on loopback.
import { systemClock, type MailSpec } from "@flyball/core";
import { afterEach, describe, expect, it } from "vitest";
import type { DeliveryOutcome } from "../channel.ts";
import { deliverNotice } from "../deliver-notice.ts";
import type { NoticeMessage } from "../notice-message.ts";
import { startMailServer, type MailServer, type MailServerKnobs } from "../testdata/mail-server.ts";
import { makeCertificate } from "../testdata/test-certificate.ts";
import { composeMail } from "./mail-message.ts";

const MESSAGE: NoticeMessage = {
  id: "ntc_1",
  at: Date.UTC(2026, 10, 23, 8, 0, 2),
  app: "rag",
  channel: "mail",
  kind: "opened",
  title: "[发生] rag：api/0 被 SIGKILL 终止，这一行比一个编码词所能容纳的要长得多，\r\nBcc: everybody@example.com",
  sections: [],
  omitted: 0,
};
const certificate = makeCertificate();
const servers: MailServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function mail(
  knobs: MailServerKnobs,
  fields: Partial<MailSpec> = {},
): Promise<{ readonly outcome: DeliveryOutcome; readonly said: readonly string[] }> {
  const server = await startMailServer(knobs);
  servers.push(server);
  const spec: MailSpec = {
    type: "smtp",
    host: "127.0.0.1",
    port: server.port,
    tls: "none",
    from: "flyball@example.com",
    to: ["ops@example.com", "night@example.com"],
    ...fields,
  };
  const outcome = await deliverNotice(MESSAGE, spec, {
    clock: systemClock,
    environment: {},
    readSecrets: async () => ({ mail: "hunter2-secret" }),
    signal: new AbortController().signal,
  });
  return { outcome, said: server.said };
}

describe("a mail", () => {
  it("is handed over with its envelope and its text", async () => {
    const { outcome, said } = await mail({});
    expect(outcome).toEqual({ kind: "delivered", answer: "250 queued as 1" });
    expect(said.slice(0, 5)).toEqual([
      "EHLO [127.0.0.1]",
      "MAIL FROM:<flyball@example.com>",
      "RCPT TO:<ops@example.com>",
      "RCPT TO:<night@example.com>",
      "DATA",
    ]);
    expect(said[5]).toContain("Message-ID: <ntc_1@rag.flyball>");
  });

  it("has headers that no word of another program can add to, in lines that are short enough", () => {
    const text = composeMail(MESSAGE, { from: "a@example.com", to: ["b@example.com"] });
    const [head = "", body = ""] = text.split("\r\n\r\n");
    expect(head).not.toMatch(/^Bcc/m);
    expect(text.split("\r\n").every((line) => line.length <= 78)).toBe(true);
    const subject = [...head.matchAll(/=\?UTF-8\?B\?([^?]*)\?=/g)].map(([, word = ""]) => word);
    expect(subject.map((word) => Buffer.from(word, "base64").toString("utf8")).join("")).toBe(MESSAGE.title);
    expect(Buffer.from(body, "base64").toString("utf8")).toBe(MESSAGE.title);
    expect(head).toContain("Date: Mon, 23 Nov 2026 08:00:02 +0000");
  });

  it.each(["PLAIN", "LOGIN"] as const)("logs in by %s, and the password is in no answer", async (auth) => {
    const login = { user: "ann", password: "${secrets.mail}" };
    const { outcome, said } = await mail({ auth }, login);
    expect(outcome.kind).toBe("delivered");
    const expected =
      auth === "PLAIN"
        ? [`AUTH PLAIN ${Buffer.from("\0ann\0hunter2-secret").toString("base64")}`]
        : ["AUTH LOGIN", Buffer.from("ann").toString("base64"), Buffer.from("hunter2-secret").toString("base64")];
    expect(said.slice(1, 1 + expected.length)).toEqual(expected);
    const refused = await mail({ auth, answers: { AUTH: "535 wrong: hunter2-secret" } }, login);
    expect(refused.outcome).toEqual({ kind: "refused", answer: "login: 535 wrong: (hidden)" });
  });

  it("is sent to nobody where the server knows no login that we speak", async () => {
    const { outcome, said } = await mail({ auth: "CRAM-MD5" }, { user: "ann", password: "${secrets.mail}" });
    expect(outcome).toMatchObject({ kind: "failed", reason: expect.stringContaining("no login by PLAIN or LOGIN") });
    expect(said).toEqual(["EHLO [127.0.0.1]"]);
  });

  it("is for later where the server says 4.., for never where it says 5.., and for those whom it takes", async () => {
    const later = await mail({ answers: { "MAIL FROM": "451 try again" } });
    expect(later.outcome).toEqual({ kind: "failed", reason: "MAIL FROM:<flyball@example.com>: 451 try again" });
    const never = await mail({ answers: { "RCPT TO": "550 no such user" } });
    expect(never.outcome).toEqual({ kind: "refused", answer: "RCPT TO:<ops@example.com>: 550 no such user" });
    const some = await mail({ answers: { "RCPT TO:<night": "550 no such user" } });
    expect(some.outcome).toMatchObject({ kind: "delivered", answer: expect.stringContaining("550 no such user") });
  });

  it("is not sent to what is no mail server, or closes", async () => {
    const odd = await mail({ answers: { EHLO: "HTTP/1.1 400 Bad Request" } });
    expect(odd.outcome).toEqual({ kind: "failed", reason: "it does not speak SMTP" });
    const gone = await startMailServer();
    await gone.close();
    const { outcome } = await mail({}, { port: gone.port });
    expect(outcome).toMatchObject({ kind: "failed", reason: expect.stringContaining("ECONNREFUSED") });
  });

  it("is not sent where TLS was asked for and is not offered", async () => {
    const { outcome, said } = await mail(
      { auth: "PLAIN" },
      { tls: "starttls", user: "ann", password: "${secrets.mail}" },
    );
    expect(outcome).toMatchObject({ kind: "failed", reason: expect.stringContaining("no STARTTLS") });
    expect(said).toEqual(["EHLO [127.0.0.1]"]);
  });
});

describe.skipIf(certificate === undefined)("a mail under TLS", () => {
  const { key = "", cert = "" } = certificate ?? {};

  it("says nothing but the greeting before STARTTLS", async () => {
    const { outcome, said } = await mail(
      { tls: { key, cert }, auth: "PLAIN" },
      { tls: "starttls", authorities: cert, user: "ann", password: "${secrets.mail}" },
    );
    expect(outcome).toEqual({ kind: "delivered", answer: "250 queued as 1" });
    expect(said.filter((line) => !line.startsWith("tls ") && line.length < 200)).toEqual([
      "EHLO [127.0.0.1]",
      "STARTTLS",
    ]);
  });

  it("may begin with TLS", async () => {
    const { outcome } = await mail({ tls: { key, cert, isImplicit: true } }, { tls: "implicit", authorities: cert });
    expect(outcome.kind).toBe("delivered");
  });

  it("is not sent to a server whose certificate nobody has signed, or that speaks before TLS is up", async () => {
    const unknown = await mail({ tls: { key, cert } }, { tls: "starttls" });
    expect(unknown.outcome).toMatchObject({ kind: "failed", reason: expect.stringMatching(/self.signed/) });
    expect(unknown.said.some((line) => line.includes("MAIL FROM"))).toBe(false);
    const early = await mail(
      { tls: { key, cert }, injects: "250 injected\r\n" },
      { tls: "starttls", authorities: cert },
    );
    expect(early.outcome).toEqual({ kind: "failed", reason: "the mail server spoke before TLS was up" });
  });
});
