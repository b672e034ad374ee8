// Identifiers that sort by time and read aloud well: a prefix, the time in base 36, a few random characters.
import type { Clock } from "./clock.ts";

/** A number in [0, 1). `Math.random` in production, a seeded generator in tests. */
export type Random = () => number;

/** `inc_mf3k2h1x_7q2c`: unique within an app, sortable by creation time. */
export function createId(prefix: string, clock: Clock, random: Random): string {
  const time = Math.floor(clock.now()).toString(36);
  const tail = Math.floor(random() * 36 ** 4)
    .toString(36)
    .padStart(4, "0");
  return `${prefix}_${time}_${tail}`;
}
