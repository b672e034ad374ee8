// The class of error that a call ended with, as metrics and spans name it: few values, and none that a client or a backend can invent.
import type { LedgerRecord } from "@flyball/core";

/** The status of a failed call, else how it ended; undefined: in order. */
export function errorTypeOf({ outcome, status }: Pick<LedgerRecord, "outcome" | "status">): string | undefined {
  switch (outcome) {
    case "answered":
      return undefined;
    case "failed":
    case "refused":
      return status >= 400 ? String(status) : outcome;
    case "cut":
    case "cancelled":
    case "lost":
    case "shed":
    case "limit-late":
      return outcome;
    default:
      return outcome satisfies never;
  }
}
