// Errors of drills: a catalogue that cannot be read, and faults that cannot be made here.
import type { ErrorDefinition } from "./error-definition.ts";

/** Codes FB_DRILL_*. */
export const DRILL_ERRORS = {
  FB_DRILL_CATALOGUE: {
    message: "the fault catalogue is invalid: {summary}",
    kind: "user",
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    hint: "Correct the lines named above; packages/drill/README.md says what a fault is made of",
  },
  FB_DRILL_INJECT: {
    message: "the fault {fault} cannot be made: {reason}",
    kind: "user",
    httpStatus: 409,
    exitCode: 1,
    retryable: true,
    hint: "Nothing was changed, or it was undone. Try: flyball drill list, which says what each fault needs",
  },
  FB_DRILL_UNDO: {
    message: "the fault {fault} could not be undone: {reason}",
    kind: "bug",
    httpStatus: 500,
    exitCode: 1,
    retryable: true,
    hint: "Try: flyball drill run crash, which first takes back what is left of earlier drills",
  },
} as const satisfies Record<string, ErrorDefinition>;
