// `notify` written back as a manifest has it.
import type { ChannelSpec, NotifySpec } from "../../notify-spec.ts";
import { formatDuration } from "../resolve/quantities.ts";

/** As plain data; undefined where there is none. */
export function notifyToPlain(notify: NotifySpec | undefined): Record<string, unknown> | undefined {
  if (notify === undefined) return undefined;
  const { channels, routes, groupWaitMs, repeatMs, language, deadMan } = notify;
  return {
    channels: Object.fromEntries(Object.entries(channels).map(([name, channel]) => [name, channelToPlain(channel)])),
    routes,
    group_wait: formatDuration(groupWaitMs),
    repeat: repeatMs === 0 ? 0 : formatDuration(repeatMs),
    language,
    ...(deadMan === undefined ? {} : { dead_man: { to: deadMan.to, every: formatDuration(deadMan.everyMs) } }),
  };
}

function channelToPlain(channel: ChannelSpec): Record<string, unknown> {
  const { authorities, ...rest } = channel;
  return { ...rest, ...(authorities === undefined ? {} : { ca: authorities }) };
}
