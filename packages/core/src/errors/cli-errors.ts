// Errors of the command line.
import type { ErrorDefinition } from "./error-definition.ts";

/** Codes FB_CLI_*. */
export const CLI_ERRORS = {
  FB_CLI_USAGE: {
    message: "{reason}",
    kind: "user",
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    hint: "Try: flyball help",
  },
  FB_CLI_NOT_RUNNING: {
    message: "{app} is not running",
    kind: "user",
    httpStatus: 404,
    exitCode: 1,
    retryable: false,
    hint: "Try: flyball up",
  },
  FB_CLI_TIMED_OUT: {
    message: "{what} took longer than {timeoutSeconds} s",
    kind: "user",
    httpStatus: 504,
    exitCode: 5,
    retryable: true,
    hint: "{remedy}",
  },
} as const satisfies Record<string, ErrorDefinition>;
