// How notices fare, as metrics of control.
import type { NoticeChannelStatus } from "@flyball/core";
import type { MetricFamily } from "@flyball/telemetry";

/** The families, one series for each channel. */
export function noticeFamilies(channels: readonly NoticeChannelStatus[]): readonly MetricFamily[] {
  const family = (
    [name, type, help]: readonly [string, "counter" | "gauge", string],
    read: (status: NoticeChannelStatus) => number,
  ): MetricFamily => ({
    name,
    help,
    type,
    labelNames: ["channel"],
    samples: channels.map((status) => ({ labels: [status.channel], value: read(status) })),
  });
  return [
    family(["flyball_notices_waiting", "gauge", "Notices that wait to be sent."], ({ queued }) => queued),
    family(
      ["flyball_notices_sent_total", "counter", "Notices, tests and heartbeats that a channel has taken."],
      ({ sent }) => sent,
    ),
    family(
      ["flyball_notices_lost_total", "counter", "Notices that were given up, or dropped because too many waited."],
      ({ lost }) => lost,
    ),
    family(["flyball_notice_channel_failing", "gauge", "1 while a channel takes nothing."], ({ state }) =>
      state === "fails" ? 1 : 0,
    ),
  ];
}
