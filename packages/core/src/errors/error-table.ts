// Every error code of Flyball. Each area has its own file, so that adding one is an edit in one place; docs/errors.md is generated.
import { CLI_ERRORS } from "./cli-errors.ts";
import { CONTROL_ERRORS } from "./control-errors.ts";
import { DRILL_ERRORS } from "./drill-errors.ts";
import { DRIVER_ERRORS } from "./driver-errors.ts";
import type { ErrorDefinition } from "./error-definition.ts";
import { GATEWAY_ERRORS } from "./gateway-errors.ts";
import { KEEPER_ERRORS } from "./keeper-errors.ts";
import { MANIFEST_ERRORS } from "./manifest-errors.ts";

const TABLE = {
  ...MANIFEST_ERRORS,
  ...KEEPER_ERRORS,
  ...DRIVER_ERRORS,
  ...GATEWAY_ERRORS,
  ...CONTROL_ERRORS,
  ...DRILL_ERRORS,
  ...CLI_ERRORS,
};

/** A code of the table. */
export type ErrorCode = keyof typeof TABLE;

/** The table: code → meaning, HTTP status, exit code, retryable, hint. */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorDefinition>> = TABLE;
