// Errors of the control plane and its API.
import type { ErrorDefinition } from "./error-definition.ts";

/** Codes FB_CONTROL_*. */
export const CONTROL_ERRORS = {
  FB_CONTROL_UNREACHABLE: {
    message: "control does not answer at {url}",
    kind: "upstream",
    httpStatus: 503,
    exitCode: 1,
    retryable: true,
    hint: "Try: flyball doctor",
  },
  FB_CONTROL_INTERNAL: {
    message: "an internal error of control; its log has the details",
    kind: "bug",
    httpStatus: 500,
    exitCode: 1,
    retryable: false,
    hint: "Try: flyball doctor",
  },
  FB_CONTROL_UNAUTHORISED: {
    message: "the token is missing or wrong",
    kind: "user",
    httpStatus: 401,
    exitCode: 4,
    retryable: false,
    hint: "The token stands in the app's state folder, readable by the user who started the app",
  },
  FB_CONTROL_NOT_FOUND: {
    message: "there is no {what} {name}",
    kind: "user",
    httpStatus: 404,
    exitCode: 1,
    retryable: false,
    hint: "{remedy}",
  },
  FB_CONTROL_BAD_REQUEST: {
    message: "the request cannot be used: {reason}",
    kind: "user",
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    hint: "Compare with docs/reference/control-api.md",
  },
  FB_CONTROL_STORE_NEWER: {
    message: "the store at {path} has format {seen}; this program knows {known}",
    kind: "user",
    httpStatus: 409,
    exitCode: 1,
    retryable: false,
    hint: "Use the newer Flyball, or restore the backup beside the store",
  },
  FB_CONTROL_SNAPSHOT_REFUSED: {
    message: "the gateway refused revision {revision}: {reason}",
    kind: "user",
    httpStatus: 409,
    exitCode: 1,
    retryable: false,
    hint: "What was served before goes on. Correct the manifest, or go back. Try: flyball rollback",
  },
  FB_CONTROL_START_FAILED: {
    message: "{service} did not become ready: {reason}",
    kind: "user",
    httpStatus: 500,
    exitCode: 3,
    retryable: false,
    hint: "Try: flyball logs {service}",
  },
} as const satisfies Record<string, ErrorDefinition>;
