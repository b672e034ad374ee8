// Notices: each channel has the keys of its type, no secret stands in the file, and what is named exists.
import { hostReach } from "../../address-reach.ts";
import { nearestName } from "../problems/nearest-name.ts";
import { parseDuration } from "../resolve/quantities.ts";
import { secretReference } from "../resolve/secret-reference.ts";
import type { ChannelInput, NotifyInput } from "../schema/notify.ts";
import type { ManifestPath } from "../source/manifest-node.ts";
import { requireName, type CheckContext } from "./check-context.ts";

const HOOK_KEYS = ["url", "secret"] as const;
const MAIL_KEYS = ["host", "port", "tls", "user", "password", "from", "to"] as const;
const MAIL_NEEDS = ["host", "from", "to"] as const;
/** What signs; the others have nothing to sign with. */
const SIGNED: ReadonlySet<string> = new Set(["webhook", "dingtalk", "feishu"]);
/** Detection to notice is to take at most five seconds. */
const MOST_GROUP_WAIT_MS = 3_000;
const LEAST_REPEAT_MS = 60_000;
const LEAST_HEARTBEAT_MS = 5_000;
const PLACEHOLDER = /\$\{secrets\.[^}]*\}/g;

/** Checks `notify`. */
export function checkNotify(context: CheckContext): void {
  const { notify } = context.input;
  if (notify === undefined) return;
  for (const [name, channel] of Object.entries(notify.channels)) {
    const path = ["notify", "channels", name];
    checkKeys(channel, path, context);
    if (channel.type === "smtp") checkMail(channel, path, context);
    else if (channel.url !== undefined) checkHook(channel, channel.url, { path, context });
    checkReference(channel.secret, [...path, "secret"], context);
    checkReference(channel.password, [...path, "password"], context);
  }
  for (const [index, { to, services = [] }] of (notify.routes ?? []).entries()) {
    const path = ["notify", "routes", index];
    for (const [place, name] of to.entries()) requireChannel(notify, name, { path: [...path, "to", place], context });
    for (const [place, name] of services.entries())
      requireName(context, "service", { name, path: [...path, "services", place] });
  }
  checkDeadMan(notify, context);
  checkTimes(notify, context);
}

function checkKeys(channel: ChannelInput, path: ManifestPath, context: CheckContext): void {
  const isMail = channel.type === "smtp";
  for (const key of isMail ? HOOK_KEYS : MAIL_KEYS) {
    if (channel[key] === undefined) continue;
    const message = `${key} does not go with type: ${channel.type}`;
    context.report({ path: [...path, key], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  }
  for (const key of isMail ? MAIL_NEEDS : (["url"] as const)) {
    if (channel[key] !== undefined) continue;
    const message = `"${key}" is missing; type: ${channel.type} needs it`;
    context.report({ path: [...path, key], code: "FB_MANIFEST_MISSING_KEY", message, part: "key" });
  }
  if (channel.secret !== undefined && !isMail && !SIGNED.has(channel.type)) {
    const message = `${channel.type} takes no signature; its address is the secret`;
    context.report({ path: [...path, "secret"], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  }
}

function checkHook(
  channel: ChannelInput,
  text: string,
  { path, context }: { readonly path: ManifestPath; readonly context: CheckContext },
): void {
  const at = [...path, "url"];
  const holdsSecret = text.includes("${secrets.");
  if (channel.type !== "webhook" && !holdsSecret) {
    const message = `whoever knows the address of a ${channel.type} robot can write to it; write "\${secrets.name}", or put the secret part of it in that form`;
    context.report({ path: at, code: "FB_MANIFEST_LITERAL_SECRET", message });
    return;
  }
  if (secretReference(text) !== undefined) return;
  const url = URL.parse(text.replaceAll(PLACEHOLDER, "x"));
  if (url === null || !/^https?:$/.test(url.protocol) || text.search(PLACEHOLDER) === text.indexOf("//") + 2) {
    const message = `expected a URL like https://hooks.example/flyball, saw "${text.slice(0, 80)}"`;
    context.report({ path: at, code: "FB_MANIFEST_WRONG_VALUE", message });
    return;
  }
  if (url.password !== "" && !holdsSecret) {
    const message = 'a password has no place in a manifest; write "${secrets.name}" in its stead';
    context.report({ path: at, code: "FB_MANIFEST_LITERAL_SECRET", message });
  }
  const isPrivate = checkReach(channel, url.hostname, { path: at, context });
  if (url.protocol === "http:" && !isPrivate) {
    const message = "http would send notices over the internet in the clear; write https, or network: private";
    context.report({ path: at, code: "FB_MANIFEST_EXPOSED", message });
  }
  if (channel.ca !== undefined && url.protocol !== "https:") {
    const message = "ca goes with a url of https; there are no certificates over plain http";
    context.report({ path: [...path, "ca"], code: "FB_MANIFEST_CONFLICT", message });
  }
}

function checkMail(channel: ChannelInput, path: ManifestPath, context: CheckContext): void {
  const { host, tls = "starttls", user, password } = channel;
  if ((user === undefined) !== (password === undefined)) {
    const key = user === undefined ? "user" : "password";
    const message = `"${key}" is missing; a login needs user and password`;
    context.report({ path: [...path, key], code: "FB_MANIFEST_MISSING_KEY", message, part: "key" });
  }
  if (host === undefined) return;
  if (!/^[A-Za-z0-9.:_-]{1,253}$/.test(host)) {
    const message = `expected a host like smtp.example.com, saw "${host.slice(0, 80)}"`;
    context.report({ path: [...path, "host"], code: "FB_MANIFEST_WRONG_VALUE", message });
    return;
  }
  const isPrivate = checkReach(channel, host, { path: [...path, "host"], context });
  if (tls === "none" && !isPrivate) {
    const message = "tls: none would send mail over the internet in the clear; write starttls, or network: private";
    context.report({ path: [...path, "tls"], code: "FB_MANIFEST_EXPOSED", message });
  }
  if (tls === "none" && channel.ca !== undefined) {
    const message = "ca goes with TLS; tls is none";
    context.report({ path: [...path, "ca"], code: "FB_MANIFEST_CONFLICT", message });
  }
}

/** What the host itself says; what its name resolves to is looked at when a connection is made. Answers whether it may be private, or was refused. */
function checkReach(
  channel: ChannelInput,
  host: string,
  { path, context }: { readonly path: ManifestPath; readonly context: CheckContext },
): boolean {
  const reach = hostReach(host);
  if (reach === "forbidden") {
    const message = `${host} is a link-local, metadata or reserved address; nothing is sent there`;
    context.report({ path, code: "FB_MANIFEST_REFUSED_ADDRESS", message });
  }
  if (reach === "private" && channel.network === "public") {
    const message = `network is public, and ${host} is a private address; leave network out, or write another address`;
    context.report({ path: [...path.slice(0, -1), "network"], code: "FB_MANIFEST_CONFLICT", message });
  }
  return reach === "private" || reach === "forbidden" || channel.network === "private";
}

function checkReference(value: string | undefined, path: ManifestPath, context: CheckContext): void {
  if (value === undefined || secretReference(value) !== undefined) return;
  const message = 'a secret has no place in a manifest; write "${secrets.name}" and say under secrets where it is';
  context.report({ path, code: "FB_MANIFEST_LITERAL_SECRET", message });
}

function requireChannel(
  notify: NotifyInput,
  name: string,
  { path, context }: { readonly path: ManifestPath; readonly context: CheckContext },
): boolean {
  const known = Object.keys(notify.channels);
  if (known.includes(name)) return true;
  const suggestion = nearestName(name, known);
  const list = suggestion === undefined && known.length > 0 ? `; channels are ${known.slice(0, 8).join(", ")}` : "";
  const message = `there is no channel "${name}"${list}`;
  context.report({ path, code: "FB_MANIFEST_UNKNOWN_NAME", message, suggestion });
  return false;
}

function checkDeadMan(notify: NotifyInput, context: CheckContext): void {
  const { dead_man: deadMan } = notify;
  if (deadMan === undefined) return;
  const path = ["notify", "dead_man", "to"];
  if (!requireChannel(notify, deadMan.to, { path, context })) return;
  if (notify.channels[deadMan.to]?.type !== "webhook") {
    const message = "a heartbeat goes to a channel of type webhook; people would stop reading the others";
    context.report({ path, code: "FB_MANIFEST_CONFLICT", message });
  }
  if (parseDuration(deadMan.every) < LEAST_HEARTBEAT_MS) {
    const message = `expected at least 5s, saw ${deadMan.every}`;
    context.report({ path: ["notify", "dead_man", "every"], code: "FB_MANIFEST_WRONG_VALUE", message });
  }
}

function checkTimes(notify: NotifyInput, context: CheckContext): void {
  if (parseDuration(notify.group_wait) > MOST_GROUP_WAIT_MS) {
    const message = `expected at most 3s, saw ${notify.group_wait}`;
    context.report({ path: ["notify", "group_wait"], code: "FB_MANIFEST_WRONG_VALUE", message });
  }
  if (notify.repeat !== 0 && parseDuration(notify.repeat) < LEAST_REPEAT_MS) {
    const message = `expected at least 1m, or 0 for never, saw ${notify.repeat}`;
    context.report({ path: ["notify", "repeat"], code: "FB_MANIFEST_WRONG_VALUE", message });
  }
}
