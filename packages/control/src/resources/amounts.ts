// Amounts of what a machine has, with the little arithmetic that room needs.
import type { ResourceAmounts } from "@flyball/core";

/** Processors, memory and GPUs; all three. */
export interface Amounts {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: number;
}

/** Nothing at all. */
export const NOTHING: Amounts = { cpus: 0, memoryBytes: 0, gpus: 0 };

/** Tenths of processors do not add up exactly. */
const ROUNDING = 1e-6;

/** A reservation with nothing for what it does not name. */
export function amountsOf({ cpus = 0, memoryBytes = 0, gpus = 0 }: ResourceAmounts): Amounts {
  return { cpus, memoryBytes, gpus };
}

/** The sum. */
export function plus(one: Amounts, other: Amounts, times = 1): Amounts {
  return {
    cpus: one.cpus + times * other.cpus,
    memoryBytes: one.memoryBytes + times * other.memoryBytes,
    gpus: one.gpus + times * other.gpus,
  };
}

/** The difference; below nothing where more is taken than there is. */
export function minus(one: Amounts, other: Amounts, times = 1): Amounts {
  return plus(one, other, -times);
}

/** Whether nothing is asked for. */
export function isNothing({ cpus, memoryBytes, gpus }: Amounts): boolean {
  return cpus <= 0 && memoryBytes <= 0 && gpus <= 0;
}

/** How often `each` fits; Infinity when it is nothing. */
export function countFits(free: Amounts, each: Amounts): number {
  const times = (has: number, needs: number): number => (needs <= 0 ? Number.POSITIVE_INFINITY : has / needs);
  const least = Math.min(
    times(free.cpus, each.cpus),
    times(free.memoryBytes, each.memoryBytes),
    times(free.gpus, each.gpus),
  );
  return Math.max(0, Math.floor(least + ROUNDING));
}

/** `2 CPU, 4 GiB, 1 GPU`: the same in every language. Only what `like` has, where it is given. */
export function formatAmounts(amounts: Amounts, like: Amounts = amounts): string {
  const cpus = Math.max(0, Math.round(amounts.cpus * 100) / 100);
  const parts = [
    ...(like.cpus > 0 ? [`${cpus} CPU`] : []),
    ...(like.memoryBytes > 0 ? [formatMemory(Math.max(0, amounts.memoryBytes))] : []),
    ...(like.gpus > 0 ? [`${Math.max(0, amounts.gpus)} GPU`] : []),
  ];
  return parts.length === 0 ? "0" : parts.join(", ");
}

function formatMemory(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  return mebibytes < 1_024 ? `${Math.floor(mebibytes)} MiB` : `${Math.floor((mebibytes / 1_024) * 10) / 10} GiB`;
}
