// The channels that are posted to, by type.
import type { HookType } from "@flyball/core";
import type { Channel } from "../channel.ts";
import { dingtalk } from "./dingtalk.ts";
import { feishu } from "./feishu.ts";
import { slack } from "./slack.ts";
import { webhook } from "./webhook.ts";
import { wecom } from "./wecom.ts";

/** All of them. */
export const CHANNELS: Readonly<Record<HookType, Channel>> = { webhook, slack, dingtalk, feishu, wecom };
