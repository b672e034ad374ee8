// JSON as Alertmanager sends it (webhook version 4), so that what takes its webhooks takes these. Signed as Standard Webhooks says: id, time
// and body under one HMAC-SHA256, so that a receiver can refuse what is old, and what it has had already.
import { createHash, createHmac } from "node:crypto";
import type { Channel, HookPlace, HookRequest } from "../channel.ts";
import { judgeStatus } from "../judge-answer.ts";
import type { NoticeMessage, NoticeSection } from "../notice-message.ts";

type Labels = Readonly<Record<string, string>>;

/** The end of what lasts, as Alertmanager writes it. */
const NEVER = "0001-01-01T00:00:00Z";

export const webhook = { type: "webhook", compose, judge: judgeStatus } satisfies Channel;

function compose(message: NoticeMessage, { url, secret, now }: HookPlace): HookRequest {
  const body = JSON.stringify(payload(message));
  const timestamp = String(Math.floor(now / 1_000));
  return {
    url,
    headers: {
      "content-type": "application/json",
      "webhook-id": message.id,
      "webhook-timestamp": timestamp,
      ...(secret === undefined ? {} : { "webhook-signature": signature(secret, `${message.id}.${timestamp}.${body}`) }),
    },
    body,
  };
}

/** A secret that begins with `whsec_` is base64 of the key, any other is the key itself. */
function signature(secret: string, signed: string): string {
  const key = secret.startsWith("whsec_")
    ? Buffer.from(secret.slice("whsec_".length), "base64")
    : Buffer.from(secret, "utf8");
  return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
}

function payload(message: NoticeMessage): unknown {
  const { app, kind, id, title, channel } = message;
  const alerts =
    message.sections.length === 0 ? [signAlert(message)] : message.sections.map((s) => alertOf(message, s));
  return {
    version: "4",
    groupKey: `{}:{app="${app}"}`,
    truncatedAlerts: message.omitted,
    status: kind === "resolved" ? "resolved" : "firing",
    receiver: channel,
    groupLabels: { app },
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    externalURL: "",
    alerts,
    notice: { id, kind, title },
  };
}

function alertOf({ app, kind }: NoticeMessage, { entry, summary, lines }: NoticeSection) {
  const labels = {
    alertname: entry.class,
    app,
    service: entry.service,
    instance: entry.subject,
    severity: entry.severity,
  };
  const annotations: Labels = {
    summary,
    description: lines.join("\n"),
    incident: String(entry.incident),
    ...(kind === "flapping" ? { flapping: "true" } : {}),
    ...(entry.dataMissingSince === undefined ? {} : { no_data_since: timeText(entry.dataMissingSince) }),
  };
  return {
    status: entry.endedAt === undefined ? "firing" : "resolved",
    labels,
    annotations,
    startsAt: timeText(entry.startedAt),
    endsAt: entry.endedAt === undefined ? NEVER : timeText(entry.endedAt),
    generatorURL: "",
    fingerprint: fingerprint(app, entry.key),
  };
}

/** A test and a heartbeat are alerts of their own; the heartbeat has the name that dead man's switches look for. */
function signAlert({ app, kind, title, at }: NoticeMessage) {
  const alertname = kind === "heartbeat" ? "Watchdog" : "FlyballTest";
  return {
    status: "firing",
    labels: { alertname, app, severity: "none" } as Labels,
    annotations: { summary: title } as Labels,
    startsAt: timeText(at),
    endsAt: NEVER,
    generatorURL: "",
    fingerprint: fingerprint(app, alertname),
  };
}

/** The same for one fault at one place, however often it comes. */
function fingerprint(app: string, key: string): string {
  return createHash("sha256").update(`${app}\n${key}`).digest("hex").slice(0, 16);
}

function common(all: readonly Labels[]): Labels {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) => others.every((other) => other[key] === value)),
  );
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}
