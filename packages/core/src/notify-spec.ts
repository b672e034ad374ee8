// Who is told of incidents. Addresses and secrets stand here as they were written: `${secrets.x}` is filled in when a notice is sent, so no
// value of a secret is part of a revision.
import type { IncidentClass } from "./incident.ts";

/** Languages that notices are written in. */
export const NOTICE_LANGUAGES = ["en", "zh"] as const;

export type NoticeLanguage = (typeof NOTICE_LANGUAGES)[number];

/** How much an incident matters: critical is what does not heal by itself or hits clients. */
export const NOTICE_SEVERITIES = ["warning", "critical"] as const;

export type NoticeSeverity = (typeof NOTICE_SEVERITIES)[number];

/** Channels that are posted to at a URL. */
export const HOOK_TYPES = ["webhook", "slack", "dingtalk", "feishu", "wecom"] as const;

export type HookType = (typeof HOOK_TYPES)[number];

/** Kinds of channels. */
export const CHANNEL_TYPES = [...HOOK_TYPES, "smtp"] as const;

export type ChannelType = (typeof CHANNEL_TYPES)[number];

/** What goes for every channel. */
interface ChannelReach {
  /** Its name may stand for private addresses too. */
  readonly network?: "private";
  /** PEM of certificates that are trusted there besides the machine's own. */
  readonly authorities?: string;
}

/** A URL that takes JSON. */
export interface HookSpec extends ChannelReach {
  readonly type: HookType;
  readonly url: string;
  /** Signs what is sent: a reference to a secret. */
  readonly secret?: string;
}

/** A mail server. */
export interface MailSpec extends ChannelReach {
  readonly type: "smtp";
  readonly host: string;
  readonly port: number;
  /** starttls: plain until the greeting, then TLS or nothing. implicit: TLS from the first byte. none: only on a private network. */
  readonly tls: "starttls" | "implicit" | "none";
  readonly user?: string;
  /** A reference to a secret. */
  readonly password?: string;
  readonly from: string;
  readonly to: readonly string[];
}

/** One way to tell people. */
export type ChannelSpec = HookSpec | MailSpec;

/** Which incidents go to which channels; absent conditions match everything. */
export interface NoticeRoute {
  readonly to: readonly string[];
  readonly classes?: readonly IncidentClass[];
  readonly services?: readonly string[];
  readonly from: NoticeSeverity;
}

/** Who is told what, and how often. */
export interface NotifySpec {
  readonly channels: Readonly<Record<string, ChannelSpec>>;
  readonly routes: readonly NoticeRoute[];
  /** Incidents that open within it are told together. */
  readonly groupWaitMs: number;
  /** An incident that lasts is told again after it; 0: never. */
  readonly repeatMs: number;
  readonly language: NoticeLanguage;
  /** A heartbeat: who does not get it any more knows that Flyball is gone. */
  readonly deadMan?: { readonly to: string; readonly everyMs: number };
}
