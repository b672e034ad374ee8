// How the number of instances follows the load.
import { z } from "zod";
import { described, section } from "./described.ts";
import { duration, wholeNumber } from "./scalars.ts";

const TARGET = "expected a load from 0.05 to 1, like 0.75";

/** `scale`. */
export const scale = section(
  "scale",
  {
    min: described(wholeNumber(1, 1_000).default(1), "Fewest instances.", "最少的实例数。"),
    max: described(wholeNumber(1, 1_000), "Most instances.", "最多的实例数。"),
    target: described(
      z.number({ error: TARGET }).min(0.05, { error: TARGET }).max(1, { error: TARGET }).default(0.75),
      "Load of the pool (WAL, what waits in the gateway included) that is aimed at.",
      "目标负载（加权平均负载 WAL，包括在网关中等待的请求）。",
    ),
    window: described(
      duration.default("10s"),
      "Over which the load is averaged before instances are added, at most 5m. A load that asks for twice as many counts after a fifth of it.",
      "增加实例之前对负载取平均的时间，最长 5m。需要翻倍时只看其五分之一。",
    ),
    down_after: described(
      duration.optional(),
      "Instances that were not needed for this long are taken away, at most 1h. Default: one and a half times the measured start, between 60s and 5m.",
      "这么长时间内都不需要的实例会被撤掉，最长 1h。默认为实测启动时间的一倍半，在 60s 与 5m 之间。",
    ),
  },
  {
    english: "The number of instances follows the load that the gateway sees, up at once and down slowly.",
    chinese: "实例数量随网关看到的负载变化：立即增加，缓慢减少。",
  },
);

/** `scale` as it is read. */
export type ScaleInput = z.output<typeof scale>;
