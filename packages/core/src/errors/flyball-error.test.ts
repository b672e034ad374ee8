import { expect, test } from "vitest";
import { ERROR_TABLE, type ErrorCode } from "./error-table.ts";
import { FlyballError, isFlyballError } from "./flyball-error.ts";

const CODES = Object.keys(ERROR_TABLE) as ErrorCode[];

test("placeholders of message and hint are filled from the details", () => {
  const error = new FlyballError("FB_GATEWAY_TIMEOUT", { service: "api", timeoutMs: 30_000 });
  expect(error.message).toBe("api did not answer within 30000 ms; the request may have been executed");
  expect(new FlyballError("FB_CONTROL_START_FAILED", { service: "api", reason: "exit 1" }).hint).toBe(
    "Try: flyball logs api",
  );
});

test("a placeholder without a detail stays, so that a forgotten one is seen", () => {
  expect(new FlyballError("FB_GATEWAY_NO_ROUTE", { method: "GET" }).message).toBe("no route for GET {path}");
});

test("details are put in as they are, also when they look like placeholders or replacement patterns", () => {
  const error = new FlyballError("FB_GATEWAY_NO_ROUTE", { method: "{path}", path: "$& $1" });
  expect(error.message).toBe("no route for {path} $& $1");
});

test("it is compared by code, and told from other errors", () => {
  const error: unknown = new FlyballError("FB_MANIFEST_NOT_FOUND", { path: "x" }, new Error("cause"));
  expect(isFlyballError(error)).toBe(true);
  expect(isFlyballError(error, "FB_MANIFEST_NOT_FOUND")).toBe(true);
  expect(isFlyballError(error, "FB_CLI_USAGE")).toBe(false);
  expect(isFlyballError(new Error("FB_MANIFEST_NOT_FOUND"))).toBe(false);
  expect(isFlyballError({ name: "FlyballError", code: "FB_CLI_USAGE" })).toBe(false);
  expect((error as Error).cause).toBeInstanceOf(Error);
});

test("as JSON it has code, message, hint and details, and no stack", () => {
  const json = JSON.parse(
    JSON.stringify(new FlyballError("FB_CLI_NOT_RUNNING", { app: "qa", command: "flyball up" })),
  ) as object;
  expect(json).toEqual({
    code: "FB_CLI_NOT_RUNNING",
    message: "qa is not running",
    hint: "Try: flyball up",
    details: { app: "qa", command: "flyball up" },
  });
});

test.each(CODES)("the row %s has a well-formed code, a message, a hint and fitting status and exit code", (code) => {
  const row = ERROR_TABLE[code];
  expect(code).toMatch(/^FB_[A-Z]+(?:_[A-Z0-9]+)+$/);
  expect(row.message).not.toBe("");
  expect(row.hint).not.toBe("");
  expect(row.httpStatus).toBeGreaterThanOrEqual(400);
  expect(row.httpStatus).toBeLessThan(600);
});

test("every code of the manifest ends a command with exit code 2", () => {
  const manifestCodes = CODES.filter((code) => code.startsWith("FB_MANIFEST_"));
  expect(manifestCodes.length).toBeGreaterThan(10);
  for (const code of manifestCodes) expect(ERROR_TABLE[code].exitCode, code).toBe(2);
});
