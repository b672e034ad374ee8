// Errors of the command line: mistakes of the user and things about this machine that keep a command from doing its work.
import type { ErrorDefinition } from "./error-definition.ts";

/** Codes FB_CLI_*. */
export const CLI_ERRORS = {
  FB_CLI_USAGE: {
    message: "{reason}",
    kind: "user",
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    hint: "Try: {command}",
  },
  FB_CLI_NOT_RUNNING: {
    message: "{app} is not running",
    kind: "user",
    httpStatus: 404,
    exitCode: 1,
    retryable: false,
    hint: "Try: {command}",
  },
  FB_CLI_AMBIGUOUS_APP: {
    message: "there is no flyball.yaml here and more than one app is running: {apps}",
    kind: "user",
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    hint: "Name the manifest. Try: flyball --file {path} ps",
  },
  FB_CLI_TIMED_OUT: {
    message: "{what} took longer than {timeoutSeconds} s",
    kind: "user",
    httpStatus: 504,
    exitCode: 5,
    retryable: true,
    hint: "{remedy}",
  },
  FB_CLI_SECRET_MISSING: {
    message: "the secret {secret} has no value: {reason}",
    kind: "user",
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    hint: "{remedy}",
  },
  FB_CLI_MODEL_UNUSABLE: {
    message: "--model {choice} cannot be used: {reason}",
    kind: "user",
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    hint: "{remedy}",
  },
  FB_CLI_STATE_UNUSABLE: {
    message: "the state folder {path} cannot be used: {reason}",
    kind: "user",
    httpStatus: 400,
    exitCode: 1,
    retryable: false,
    hint: "Choose another one. Try: export FLYBALL_STATE=/tmp/flyball",
  },
  FB_CLI_KEEPER_FAILED: {
    message: "the keeper ended while it started: {reason}",
    kind: "bug",
    httpStatus: 500,
    exitCode: 1,
    retryable: true,
    hint: "Its log is {path}. Try: flyball doctor",
  },
  FB_CLI_FILE_EXISTS: {
    message: "{path} is there already and is not overwritten",
    kind: "user",
    httpStatus: 409,
    exitCode: 1,
    retryable: false,
    hint: "Try: flyball init --force",
  },
} as const satisfies Record<string, ErrorDefinition>;
