// Who is told of incidents.
import { z } from "zod";
import { INCIDENT_CLASSES } from "../../incident.ts";
import { CHANNEL_TYPES, NOTICE_LANGUAGES, NOTICE_SEVERITIES } from "../../notify-spec.ts";
import { described, section } from "./described.ts";
import { choice, duration, listOf, mapOf, name, nonEmpty, port } from "./scalars.ts";

const MAIL_ADDRESS = "expected a mail address like ops@example.com";
const mailAddress = z
  .string({ error: MAIL_ADDRESS })
  .regex(/^[^\s<>@"(),:;\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/, { error: MAIL_ADDRESS });

/** One entry of `notify.channels`. Which keys go with which type is checked apart, so that the message can say so. */
const channel = section(
  "channel",
  {
    type: described(
      choice(CHANNEL_TYPES),
      "webhook: JSON as Alertmanager sends it. slack, dingtalk, feishu, wecom: a robot of such a chat. smtp: mail.",
      "webhook：与 Alertmanager 相同的 JSON。slack、dingtalk、feishu、wecom：相应聊天工具的机器人。smtp：邮件。",
    ),
    url: described(
      nonEmpty.optional(),
      "Where it is posted to. The address of a chat robot is a secret itself: ${secrets.name}, or with one in it.",
      "发送到的地址。聊天机器人的地址本身就是密钥：写作 ${secrets.名称}，或在地址中包含它。",
    ),
    secret: described(
      nonEmpty.optional(),
      "Signs what is sent, as ${secrets.name}; for webhook, dingtalk and feishu.",
      "用于对发送内容签名，写作 ${secrets.名称}；适用于 webhook、dingtalk 和 feishu。",
    ),
    host: described(nonEmpty.optional(), "Mail server; smtp only.", "邮件服务器；仅用于 smtp。"),
    port: described(
      port.optional(),
      "Its port. Default: 587; 465 with tls: implicit, 25 with tls: none.",
      "它的端口。默认 587；tls: implicit 时为 465，tls: none 时为 25。",
    ),
    tls: described(
      choice(["starttls", "implicit", "none"]).optional(),
      "starttls: the connection changes to TLS or nothing is sent. implicit: TLS from the first byte. none: only with network: private. Default: starttls.",
      "starttls：连接必须升级为 TLS，否则不发送。implicit：从第一个字节起就是 TLS。none：仅可与 network: private 一起使用。默认 starttls。",
    ),
    user: described(nonEmpty.optional(), "Who logs in there; smtp only.", "登录用户；仅用于 smtp。"),
    password: described(
      nonEmpty.optional(),
      "Password, as ${secrets.name}; smtp only.",
      "密码，写作 ${secrets.名称}；仅用于 smtp。",
    ),
    from: described(mailAddress.optional(), "Sender; smtp only.", "发件人；仅用于 smtp。"),
    to: described(
      listOf(mailAddress, "expected a list of mail addresses")
        .min(1, { error: "expected at least one mail address" })
        .max(50, { error: "expected at most 50 mail addresses" })
        .optional(),
      "Recipients; smtp only.",
      "收件人；仅用于 smtp。",
    ),
    network: described(
      choice(["public", "private"]).optional(),
      "What its name may stand for. public: addresses of the internet only. private: also those of this machine and its network. Link-local and metadata addresses never. Default: public; private where the address itself is such a one or localhost.",
      "其主机名可以指向的地址。public：仅互联网地址。private：也包括本机及其网络的地址。链路本地地址和元数据地址永不允许。默认 public；地址本身写的就是此类地址或 localhost 时为 private。",
    ),
    ca: described(
      nonEmpty.optional(),
      "PEM file with certificates that are trusted there besides the machine's own, or the PEM text itself.",
      "PEM 文件，其中的证书在该处与本机自带的证书一同受信任；也可直接写 PEM 文本。",
    ),
  },
  { english: "One way to tell people.", chinese: "一种通知方式。" },
);

const noticeRoute = section(
  "notice-route",
  {
    to: described(
      listOf(name, "expected a list of channels").min(1, { error: "expected at least one channel" }),
      "Channels.",
      "通知渠道。",
    ),
    classes: described(
      listOf(choice(INCIDENT_CLASSES), "expected a list of classes of incidents")
        .min(1, { error: "expected at least one class" })
        .optional(),
      "Only incidents of these classes. Default: all.",
      "仅这些类别的事件。默认全部。",
    ),
    services: described(
      listOf(name, "expected a list of services").min(1, { error: "expected at least one service" }).optional(),
      "Only incidents of these services. Default: all.",
      "仅这些服务的事件。默认全部。",
    ),
    from: described(
      choice(NOTICE_SEVERITIES).default("warning"),
      "The least severity. critical: what does not heal by itself, or hits many clients.",
      "最低级别。critical：不会自行恢复，或影响大量客户端的事件。",
    ),
  },
  { english: "Which incidents go to which channels.", chinese: "哪些事件发往哪些渠道。" },
);

const deadMan = section(
  "dead-man",
  {
    to: described(name, "A channel of type webhook.", "类型为 webhook 的渠道。"),
    every: described(duration.default("1m"), "How often.", "间隔。"),
  },
  {
    english: "A heartbeat. Who does not get it any more knows that Flyball or its machine is gone.",
    chinese: "心跳。收不到它就说明 Flyball 或其所在机器已停止工作。",
  },
);

/** `notify`. */
export const notify = section(
  "notify",
  {
    channels: described(
      mapOf(name, channel, "expected a map from channel names to channels"),
      "Ways to tell people, by name.",
      "按名称列出的通知方式。",
    ),
    routes: described(
      listOf(noticeRoute, "expected a list of { to, classes, services, from }").optional(),
      "Which incidents go where; every route that fits counts. Default: all incidents to all channels.",
      "哪些事件发往何处；所有匹配的规则都生效。默认所有事件发往所有渠道。",
    ),
    group_wait: described(
      duration.default("1s"),
      "Incidents that open within it are told together; at most 3s.",
      "在此时间内发生的事件合并为一条通知；最长 3s。",
    ),
    repeat: described(
      z.union([duration, z.literal(0)], { error: "expected a duration like 4h, or 0 for never" }).default("4h"),
      "An incident that lasts is told again after it; 0: never.",
      "事件持续存在时，每隔此时间再次通知；0 表示不再通知。",
    ),
    language: described(
      choice(NOTICE_LANGUAGES).default("en"),
      "Language of the notices: en or zh.",
      "通知使用的语言：en 或 zh。",
    ),
    dead_man: described(deadMan.optional(), "A heartbeat to one channel.", "向一个渠道发送的心跳。"),
  },
  { english: "Who is told of incidents.", chinese: "事件通知给谁。" },
);

/** `notify` as it is read. */
export type NotifyInput = z.output<typeof notify>;
/** A channel as it is read. */
export type ChannelInput = z.output<typeof channel>;
