// Learned waits from a file: what is none is passed over, for a bound that is no number would make every wait a fault.
import type { LearnedWait } from "../evidence/usual-waits.ts";
import type { LearnedPool } from "../worker/worker-messages.ts";

const KINDS: ReadonlySet<unknown> = new Set<LearnedWait["kind"]>(["plain", "stream", "whole"]);

/** The pools that are well formed. */
export function checkWaits(value: unknown): readonly LearnedPool[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: Partial<LearnedPool> | null): LearnedPool[] => {
    if (typeof each?.pool !== "string" || !Array.isArray(each.learned)) return [];
    const learned = (each.learned as readonly (Partial<LearnedWait> | null)[]).flatMap(checkWait);
    return learned.length === 0 ? [] : [{ pool: each.pool, learned }];
  });
}

function checkWait(value: Partial<LearnedWait> | null): readonly LearnedWait[] {
  const { kind, name, firstByteMs, silenceMs } = value ?? {};
  if (kind === undefined || !KINDS.has(kind) || typeof name !== "string" || !isTime(firstByteMs)) return [];
  return [{ kind, name, firstByteMs, silenceMs: isTime(silenceMs) ? silenceMs : undefined }];
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}
