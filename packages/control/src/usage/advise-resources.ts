// What an instance should reserve, from what it used: the 95th percentile with something on top, rounded up to a number that people would
// write. Memory gets more on top than processors, because want of it ends the program and want of processors only slows it. Nothing is
// advised before a while was measured, nor for a small difference: following advice replaces instances.
import type { ComposedText, Quantiles, ResourcesSpec, UsageAdvice } from "@flyball/core";
import { composeText, textFields } from "../texts/compose-text.ts";

/** What was measured of a service's instances. */
export interface MeasuredUsage {
  readonly observedMs: number;
  readonly cpus?: Quantiles;
  readonly memoryBytes?: Quantiles;
}

/** Before this nothing is advised. */
const LEAST_OBSERVED_MS = 300_000;
const MEMORY_HEADROOM = 1.3;
const CPU_HEADROOM = 1.2;
/** The highest that was ever seen fits with this on top. */
const PEAK_HEADROOM = 1.05;
/** A reservation that is this much too large, and no less, is worth a replacement. */
const TOO_LARGE = 0.8;
/** Use of a limit from which on it is too low. */
const NEAR_LIMIT = 0.9;
const MEBIBYTE = 1024 ** 2;
const STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
const LEAST_CPUS = 0.05;

/** The advice; empty when all is well, or too little is known. */
export function adviseResources(resources: ResourcesSpec, used: MeasuredUsage): readonly UsageAdvice[] {
  if (used.observedMs < LEAST_OBSERVED_MS) return [];
  const minutes = Math.round(used.observedMs / 60_000);
  const { reservations, limits } = resources;
  return [
    ...adviseReservation("reservations.cpus", reservations.cpus, used.cpus, minutes),
    ...adviseReservation("reservations.memory", reservations.memoryBytes, used.memoryBytes, minutes),
    ...adviseLimit(limits.memoryBytes, used.memoryBytes, minutes),
  ];
}

function adviseReservation(
  field: "reservations.cpus" | "reservations.memory",
  asked: number | undefined,
  used: Quantiles | undefined,
  minutes: number,
): readonly UsageAdvice[] {
  if (asked === undefined || used === undefined) return [];
  const advised =
    field === "reservations.cpus"
      ? roundCpus(Math.max(used.p95 * CPU_HEADROOM, LEAST_CPUS))
      : roundMemory(Math.max(used.p95 * MEMORY_HEADROOM, used.max * PEAK_HEADROOM));
  const isShort = used.p95 > asked;
  if (!isShort && advised > asked * TOO_LARGE) return [];
  const text = composeText("usage.reservation", { ...wordsOf(field, { asked, used: used.p95, advised }), minutes });
  return [{ field, kind: isShort ? "raise" : "lower", asked, advised, ...textFields({ reason: text }) }];
}

function adviseLimit(asked: number | undefined, used: Quantiles | undefined, minutes: number): readonly UsageAdvice[] {
  if (asked === undefined || used === undefined || used.max < asked * NEAR_LIMIT) return [];
  const advised = roundMemory(used.max * MEMORY_HEADROOM);
  const words = wordsOf("limits.memory", { asked, used: used.max, advised });
  const text: ComposedText = composeText("usage.limit", { ...words, minutes });
  return [{ field: "limits.memory", kind: "raise", asked, advised, ...textFields({ reason: text }) }];
}

/** Up to a number with one or two digits: 273 MiB are 300 MiB; from a GiB on to halves of one. */
export function roundMemory(bytes: number): number {
  const gibibytes = bytes / (1_024 * MEBIBYTE);
  if (gibibytes > 1) return Math.ceil(gibibytes * 2) * 512 * MEBIBYTE;
  return Math.min(1_024, roundUp(Math.max(1, bytes / MEBIBYTE))) * MEBIBYTE;
}

function roundCpus(cpus: number): number {
  return cpus > 1 ? Math.ceil(cpus * 2) / 2 : Math.min(1, Math.round(roundUp(cpus) * 1_000) / 1_000);
}

function roundUp(value: number): number {
  const scale = 10 ** Math.floor(Math.log10(value));
  return (STEPS.find((step) => step * scale >= value * (1 - 1e-9)) ?? 10) * scale;
}

/** The amounts as they would be written in the manifest. */
function wordsOf<K extends string>(
  field: UsageAdvice["field"],
  amounts: Readonly<Record<K, number>>,
): Record<K, string> {
  const word = (value: number): string => {
    if (field === "reservations.cpus") return String(Math.round(value * 100) / 100);
    const mebibytes = value / MEBIBYTE;
    return mebibytes >= 1_024 && mebibytes % 512 === 0 ? `${mebibytes / 1_024}GiB` : `${Math.ceil(mebibytes)}MiB`;
  };
  const entries = Object.entries<number>(amounts).map(([name, value]) => [name, word(value)]);
  return Object.fromEntries(entries) as Record<K, string>;
}
