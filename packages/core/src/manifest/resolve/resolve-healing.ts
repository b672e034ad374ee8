// What a manifest says of healing. Only that: a revision without it keeps its hash, and defaults stay those of control.
import type { HealingSpec, ServiceHealingSpec } from "../../healing-spec.ts";
import type { HealingInput, ServiceHealingInput } from "../schema/healing.ts";

/** `healing` of the app as members of its spec; empty where nothing is said. */
export function resolveHealing(input: HealingInput | undefined): { readonly healing?: HealingSpec } {
  const { act, most_per_hour: mostPerHour, windows } = input ?? {};
  if (act === undefined && mostPerHour === undefined && windows === undefined) return {};
  return {
    healing: {
      ...(act === undefined ? {} : { act }),
      ...(mostPerHour === undefined ? {} : { mostPerHour }),
      ...(windows === undefined
        ? {}
        : {
            windows: windows.map(({ days, from, to }) => ({
              ...(days === undefined ? {} : { days }),
              fromMinute: minuteOf(from),
              toMinute: minuteOf(to),
            })),
          }),
    },
  };
}

/** `healing` of a service; the app's own is not repeated in it. */
export function resolveServiceHealing(input: ServiceHealingInput | undefined): {
  readonly healing?: ServiceHealingSpec;
} {
  return input?.act === undefined ? {} : { healing: { act: input.act } };
}

function minuteOf(text: string): number {
  const [hours, minutes] = text.split(":");
  return Number(hours) * 60 + Number(minutes);
}
