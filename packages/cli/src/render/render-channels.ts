// Channels of notices: all of them as a table, and those that fail as lines of the status.
import type { AppStatus, NoticeChannelStatus } from "@flyball/core";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { formatMoment } from "./moment.ts";

/** The table. */
export function renderChannels(channels: readonly NoticeChannelStatus[], translate: Translate, style: Style): string {
  if (channels.length === 0) return translate("notify.none");
  const head = ["channel", "type", "state", "queued", "lost", "delivered", "failure"] as const;
  const mark = { unused: style.dim, works: style.green, fails: style.red };
  const rows = channels.map(({ channel, type, state, queued, lost, deliveredAt, failure }) => [
    channel,
    type,
    mark[state](translate(`notify.${state}`)),
    String(queued),
    String(lost),
    deliveredAt === undefined ? "-" : formatMoment(deliveredAt),
    failure ?? "-",
  ]);
  return renderTable(
    head.map((column) => translate(`notify.${column}`)),
    rows,
    style,
  );
}

/** A line for each channel that fails, below an empty one. */
export function renderFailingChannels(
  { notices = [] }: Pick<AppStatus, "notices">,
  translate: Translate,
  style: Style,
): readonly string[] {
  const failing = notices.filter(({ state }) => state === "fails");
  const lines = failing.map(({ channel, type, failure = "", queued, lost }) =>
    style.red(translate("notify.failing", { channel, type, failure, queued, lost })),
  );
  return lines.length === 0 ? [] : ["", ...lines];
}
