// Errors of the keeper and of its protocol.
import type { ErrorDefinition } from "./error-definition.ts";

/** Codes FB_KEEPER_*. */
export const KEEPER_ERRORS = {
  FB_KEEPER_UNREACHABLE: {
    message: "no keeper answers at {path}",
    kind: "upstream",
    httpStatus: 503,
    exitCode: 1,
    retryable: true,
    hint: "The app is not running. Try: flyball up",
  },
  FB_KEEPER_PROTOCOL: {
    message: "the keeper speaks {seen}, this program speaks {expected}",
    kind: "user",
    httpStatus: 409,
    exitCode: 1,
    retryable: false,
    hint: "Another version of Flyball started this app. Try: flyball down, then flyball up",
  },
  FB_KEEPER_SPAWN: {
    message: "cannot start {command}: {reason}",
    kind: "user",
    httpStatus: 400,
    exitCode: 1,
    retryable: false,
    hint: "Check that the program exists and is executable, and that working_dir exists",
  },
  FB_KEEPER_BIND: {
    message: "cannot bind {host}:{port}: {reason}",
    kind: "user",
    httpStatus: 409,
    exitCode: 1,
    retryable: true,
    hint: "Choose another port or stop the program that holds it",
  },
  FB_KEEPER_RUNNING: {
    message: "a keeper already answers at {path}",
    kind: "user",
    httpStatus: 409,
    exitCode: 1,
    retryable: false,
    hint: "The app is running already. Try: flyball status",
  },
  FB_KEEPER_SECRET: {
    message: "the keeper has no secret {name}",
    kind: "user",
    httpStatus: 400,
    exitCode: 1,
    retryable: false,
    hint: "Name the secret under secrets: in the manifest, then try: flyball up",
  },
  FB_KEEPER_SYSTEM: {
    message: "{name} did not become ready: {reason}",
    kind: "bug",
    httpStatus: 500,
    exitCode: 1,
    retryable: true,
    hint: "The one before it goes on. The reason stands in logs/@{name}/0.log of the app's state folder",
  },
  FB_KEEPER_FAILED: {
    message: "the keeper could not do {method}: {reason}",
    kind: "bug",
    httpStatus: 500,
    exitCode: 1,
    retryable: true,
    hint: "Report this with the keeper's log",
  },
  FB_KEEPER_UNKNOWN: {
    message: "the keeper knows no {what} {name}",
    kind: "bug",
    httpStatus: 404,
    exitCode: 1,
    retryable: false,
    hint: "Report this with the keeper's log",
  },
} as const satisfies Record<string, ErrorDefinition>;
