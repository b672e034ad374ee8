// The stretches of one run that are drawn as bars below its course: how long the fault lasted, until it was seen, until clients were well again …
import type { JudgedRun } from "@flyball/drill";
import type { Translate } from "../../messages/translate.ts";
import { durationText } from "../../render/number-text.ts";

/** One stretch, in seconds from the injection. */
export interface RunSpan {
  readonly key: "fault" | "detect" | "act" | "traffic" | "away" | "capacity";
  readonly from: number;
  /** Absent: it did not end within the run. */
  readonly to?: number;
  /** `traffic FRT 2.1 s`. */
  readonly text: string;
}

/** Those that there are. */
export function runSpans({ run, verdict }: JudgedRun, translate: Translate): readonly RunSpan[] {
  const { injectedAt = run.loadFrom, undoneAt } = run;
  const { traffic, actions, capacity } = verdict;
  const span = (key: RunSpan["key"], from: number, to: number | undefined): RunSpan => ({
    key,
    from: from / 1_000,
    ...(to === undefined ? {} : { to: to / 1_000 }),
    text: `${translate(`drill.span.${key}`)} ${to === undefined ? translate("drill.span.open") : durationText(to - from)}`,
  });
  const reached = (key: RunSpan["key"], to: number | undefined): readonly RunSpan[] =>
    to === undefined ? [] : [span(key, 0, to)];
  const trafficEnd = traffic?.frtMs === undefined ? undefined : traffic.lastGoodAt - injectedAt + traffic.frtMs;
  return [
    ...(run.fault === undefined ? [] : reached("fault", undoneAt === undefined ? undefined : undoneAt - injectedAt)),
    ...reached("detect", actions?.detectedMs),
    ...reached("act", actions?.actedMs),
    ...(traffic === undefined || traffic.frtMs === 0
      ? []
      : [span("traffic", traffic.lastGoodAt - injectedAt, trafficEnd)]),
    ...reached("away", verdict.awayMs),
    ...(capacity === undefined || capacity.capacityMs === 0 ? [] : [span("capacity", 0, capacity.capacityMs)]),
  ];
}
