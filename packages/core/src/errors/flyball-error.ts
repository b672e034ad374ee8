// The one error class. Compare by `code`, never by message; the table gives status, exit code and hint.
import { ERROR_TABLE, type ErrorCode } from "./error-table.ts";
import type { ErrorDefinition } from "./error-definition.ts";

/** Values for the placeholders of a message, and evidence for whoever reads it. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An error that Flyball raises on purpose. */
export class FlyballError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    super(fillMessage(ERROR_TABLE[code].message, details), cause === undefined ? undefined : { cause });
    this.name = "FlyballError";
    this.code = code;
    this.details = details;
  }

  /** The row of the table. */
  get definition(): ErrorDefinition {
    return ERROR_TABLE[this.code];
  }

  /** The remedy with its placeholders filled. */
  get hint(): string {
    return fillMessage(this.definition.hint, this.details);
  }

  toJSON(): { code: string; message: string; hint: string; details: ErrorDetails } {
    return { code: this.code, message: this.message, hint: this.hint, details: this.details };
  }
}

/** Whether a value is a FlyballError, optionally with this code. Works across realms and duplicate installs. */
export function isFlyballError(value: unknown, code?: ErrorCode): value is FlyballError {
  return (
    value instanceof Error &&
    value.name === "FlyballError" &&
    "code" in value &&
    (code === undefined || value.code === code)
  );
}

function fillMessage(template: string, details: ErrorDetails): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = details[name];
    if (value === undefined) return whole;
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}
