// Who is told, in the words of the app. What is left out is filled in here, so that a printed manifest says it all.
import type { ChannelSpec, NotifySpec } from "../../notify-spec.ts";
import { channelAuthorityKey, type Authorities } from "../load/read-authorities.ts";
import type { ChannelInput, NotifyInput } from "../schema/notify.ts";
import { parseDuration } from "./quantities.ts";

const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

/** The notices of an app; without routes all incidents go to all channels. */
export function resolveNotify(notify: NotifyInput, authorities: Authorities): NotifySpec {
  const names = Object.keys(notify.channels);
  return {
    channels: Object.fromEntries(
      Object.entries(notify.channels).map(([name, channel]) => [
        name,
        resolveChannel(channel, authorities.get(channelAuthorityKey(name))),
      ]),
    ),
    routes:
      notify.routes?.map(({ to, classes, services, from }) => ({
        to,
        ...(classes === undefined ? {} : { classes }),
        ...(services === undefined ? {} : { services }),
        from,
      })) ?? (names.length === 0 ? [] : [{ to: names, from: "warning" }]),
    groupWaitMs: parseDuration(notify.group_wait),
    repeatMs: notify.repeat === 0 ? 0 : parseDuration(notify.repeat),
    language: notify.language,
    ...(notify.dead_man === undefined
      ? {}
      : { deadMan: { to: notify.dead_man.to, everyMs: parseDuration(notify.dead_man.every) } }),
  };
}

/** What does not go with the type, or is missing, was refused before. */
function resolveChannel(channel: ChannelInput, authorities: string | undefined): ChannelSpec {
  const { type, url = "", secret, host = "", user, password, from = "", to = [], tls = "starttls" } = channel;
  const reach = {
    ...(channel.network === "private" ? { network: channel.network } : {}),
    ...(authorities === undefined ? {} : { authorities }),
  };
  if (type !== "smtp") return { type, url, ...(secret === undefined ? {} : { secret }), ...reach };
  return {
    type,
    host,
    port: channel.port ?? PORTS[tls],
    tls,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    from,
    to,
    ...reach,
  };
}
