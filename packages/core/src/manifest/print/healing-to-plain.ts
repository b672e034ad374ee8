// What is done about faults, as a manifest says it.
import type { HealingSpec } from "../../healing-spec.ts";
import { withoutEmpty } from "./without-empty.ts";

/** `healing` of the app; undefined where nothing is said. An empty `act` says that nothing is done. */
export function healingToPlain(spec: HealingSpec | undefined): Record<string, unknown> | undefined {
  if (spec === undefined) return undefined;
  const { act, mostPerHour, windows } = spec;
  return {
    ...(act === undefined ? {} : { act }),
    ...withoutEmpty({
      most_per_hour: mostPerHour,
      windows: windows?.map(({ days, fromMinute, toMinute }) =>
        withoutEmpty({ days, from: timeOf(fromMinute), to: timeOf(toMinute) }),
      ),
    }),
  };
}

function timeOf(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
