// The moments of one run that are worth a mark, in seconds from the injection.
import type { JudgedRun } from "@flyball/drill";
import type { Translate } from "../../messages/translate.ts";

/** One moment. */
export interface RunMoment {
  readonly seconds: number;
  readonly text: string;
}

/** In the order of their times. */
export function runMoments({ run, verdict }: JudgedRun, translate: Translate): readonly RunMoment[] {
  const { injectedAt = run.loadFrom, undoneAt } = run;
  const { traffic, actions, capacity } = verdict;
  const since = (at: number | undefined): number | undefined => (at === undefined ? undefined : at - injectedAt);
  const moments: readonly (readonly [key: Parameters<typeof momentText>[0], atMs: number | undefined])[] = [
    ["injected", run.fault === undefined ? undefined : 0],
    ["first-bad", since(traffic?.firstBadAt)],
    ["detected", actions?.detectedMs],
    ["acted", actions?.actedMs],
    ["traffic", traffic?.firstBadAt === undefined ? undefined : since(traffic.goodFrom)],
    ["away", verdict.awayMs],
    ["capacity", capacity?.capacityMs],
    ["undone", since(undoneAt)],
  ];
  return moments
    .flatMap(([key, atMs]) => (atMs === undefined ? [] : [{ seconds: atMs / 1_000, text: momentText(key, translate) }]))
    .toSorted((a, b) => a.seconds - b.seconds);
}

function momentText(
  key: "injected" | "first-bad" | "detected" | "acted" | "traffic" | "away" | "capacity" | "undone",
  translate: Translate,
): string {
  return translate(`drill.moment.${key}`);
}
