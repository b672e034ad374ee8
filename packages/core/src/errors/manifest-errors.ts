// Errors of the manifest: always the user's file, always with file, line and column in the details.
import type { ErrorDefinition } from "./error-definition.ts";

/** Codes FB_MANIFEST_*. */
export const MANIFEST_ERRORS = {
  FB_MANIFEST_NOT_FOUND: {
    message: "no manifest at {path}",
    kind: "user",
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    hint: "Try: flyball init",
  },
  FB_MANIFEST_INVALID: {
    message: "the manifest is invalid: {summary}",
    kind: "user",
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    hint: "Correct the lines named above. Try: flyball docs",
  },
} as const satisfies Record<string, ErrorDefinition>;
