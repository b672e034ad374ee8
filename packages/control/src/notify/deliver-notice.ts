// One attempt to bring a notice to one channel: secrets are filled in here and nowhere else, and nothing of them comes out again.
import { hostReach, type ChannelSpec, type Clock } from "@flyball/core";
import type { AllowedAddresses, ResolveAll } from "@flyball/wire";
import type { DeliveryOutcome } from "./channel.ts";
import { CHANNELS } from "./channels/index.ts";
import type { NoticeMessage } from "./notice-message.ts";
import { postHook, type WayOut } from "./post-hook.ts";
import { composeMail } from "./smtp/mail-message.ts";
import { sendMail } from "./smtp/send-mail.ts";

/** How notices leave the machine. */
export interface Outlet {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readSecrets: (names: readonly string[]) => Promise<Readonly<Record<string, string>>>;
  readonly resolveAll?: ResolveAll;
  readonly signal: AbortSignal;
}

const HIDDEN = "(hidden)";
const TIMEOUT_MS = 10_000;
const REFERENCE = /\$\{secrets\.([^}]+)\}/g;
/** Shorter values are hidden nowhere: they would make holes into every text. */
const LEAST_HIDDEN = 4;

/** Sends it; never rejects. */
export async function deliverNotice(
  message: NoticeMessage,
  spec: ChannelSpec,
  outlet: Outlet,
): Promise<DeliveryOutcome> {
  let values: Readonly<Record<string, string>> = {};
  try {
    const names = [...new Set([...JSON.stringify(spec).matchAll(REFERENCE)].map(([, name = ""]) => name))];
    if (names.length > 0) values = await outlet.readSecrets(names);
    return masked(await send(message, { spec, values }, outlet), values);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return masked({ kind: "failed", reason }, values);
  }
}

async function send(
  message: NoticeMessage,
  { spec, values }: { readonly spec: ChannelSpec; readonly values: Readonly<Record<string, string>> },
  outlet: Outlet,
): Promise<DeliveryOutcome> {
  const fill = (text: string): string => text.replaceAll(REFERENCE, (_, name: string) => values[name] ?? "");
  const way: WayOut = {
    clock: outlet.clock,
    timeoutMs: TIMEOUT_MS,
    environment: outlet.environment,
    allowed: allowedAddresses(spec),
    signal: outlet.signal,
    ...(spec.authorities === undefined ? {} : { authorities: spec.authorities }),
    ...(outlet.resolveAll === undefined ? {} : { resolveAll: outlet.resolveAll }),
  };
  if (spec.type === "smtp") {
    const password = spec.password === undefined ? {} : { password: fill(spec.password) };
    return sendMail({ envelope: spec, data: composeMail(message, spec) }, { ...spec, ...password }, way);
  }
  const url = fill(spec.url);
  const problem = problemOf(url, way.allowed);
  if (problem !== undefined) return { kind: "refused", answer: problem };
  const channel = CHANNELS[spec.type];
  const now = outlet.clock.now();
  const place = { url, now, ...(spec.secret === undefined ? {} : { secret: fill(spec.secret) }) };
  const answer = await postHook(channel.compose(message, place), way);
  return channel.judge(answer, outlet.clock.now());
}

/** Private where the manifest says so, or where it names such an address itself; what a secret holds says nothing. */
function allowedAddresses(spec: ChannelSpec): AllowedAddresses {
  const host = spec.type === "smtp" ? spec.host : URL.parse(spec.url.replaceAll(REFERENCE, "x"))?.hostname;
  const isNamed = host !== undefined && hostReach(host) === "private";
  return spec.network === "private" || isNamed ? "private" : "public";
}

/** A URL that came out of a secret was seen by no check before. */
function problemOf(text: string, allowed: AllowedAddresses): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return "the url, with its secrets filled in, is none of https";
  if (url.protocol === "http:" && allowed === "public") return "the url is http, which goes to private networks only";
  return undefined;
}

function masked(outcome: DeliveryOutcome, values: Readonly<Record<string, string>>): DeliveryOutcome {
  const hide = (text: string): string =>
    Object.values(values)
      .filter((value) => value.length >= LEAST_HIDDEN)
      .reduce((said, value) => said.replaceAll(value, HIDDEN), text);
  return outcome.kind === "failed"
    ? { ...outcome, reason: hide(outcome.reason) }
    : { ...outcome, answer: hide(outcome.answer) };
}
