// Which part of a notice goes to which channel.
import type { NoticeRoute, NotifySpec } from "@flyball/core";
import type { NoticeDraft, NoticeEntry } from "./notice.ts";
import { isAtLeast } from "./severity.ts";

/** The notice for each channel that gets something of it. */
export function routeNotice(draft: NoticeDraft, notify: NotifySpec): ReadonlyMap<string, NoticeDraft> {
  const byChannel = new Map<string, NoticeDraft>();
  for (const channel of Object.keys(notify.channels)) {
    const routes = notify.routes.filter(({ to }) => to.includes(channel));
    const entries = draft.entries.filter((entry) => routes.some((route) => fits(entry, route)));
    if (entries.length > 0) byChannel.set(channel, { ...draft, entries });
  }
  return byChannel;
}

function fits(entry: NoticeEntry, { classes, services, from }: NoticeRoute): boolean {
  return (
    (classes === undefined || classes.includes(entry.class)) &&
    (services === undefined || services.includes(entry.service)) &&
    isAtLeast(entry.severity, from)
  );
}
