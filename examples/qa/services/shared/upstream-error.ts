// Turns the outcome of a call that did not succeed into the error that the client is told. Errors that say when to try
// again or who failed pass through as they are; anything else becomes one 502, because the client did nothing wrong.
import type { IncomingHttpHeaders } from "node:http";
import { ServiceError } from "./service-error.ts";
import type { UpstreamResult } from "./upstream.ts";

const passedStatuses = new Set([429, 502, 503, 504]);

/** The error for a failed call; `service` is part of the code, such as DATABASE in QA_DATABASE_TIMEOUT. */
export function upstreamError(service: string, result: UpstreamResult): ServiceError {
  const name = service.toLowerCase();
  switch (result.kind) {
    case "timed-out":
      return new ServiceError(504, `QA_${service}_TIMEOUT`, `The ${name} service did not answer in time.`);
    case "broken":
      return new ServiceError(502, `QA_${service}_UNREACHABLE`, `The ${name} service broke off: ${result.reason}.`);
    case "abandoned":
      return new ServiceError(499, "QA_CLIENT_LEFT", "The client left.");
    case "streaming":
      return new ServiceError(502, `QA_${service}_FAILED`, `The ${name} service sent a stream unasked.`);
    case "answered":
      return answeredError(service, name, result);
    default:
      return result satisfies never;
  }
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

function answeredError(service: string, name: string, { status, headers, body }: Answered): ServiceError {
  if (passedStatuses.has(status)) {
    const retryAfter = headers["retry-after"];
    const kept: Record<string, string> = retryAfter === undefined ? {} : { "retry-after": retryAfter };
    const { code, message } = errorIn(body);
    return new ServiceError(
      status,
      code ?? `QA_${service}_FAILED`,
      message ?? `The ${name} service answered ${status}.`,
      kept,
    );
  }
  return new ServiceError(502, `QA_${service}_FAILED`, `The ${name} service answered ${status}.`);
}

/** The code and message of a body of the shape {"error": {"code", "message"}}, where it has them. */
export function errorIn(body: unknown): { code: string | null; message: string | null } {
  const error = (body as { error?: { code?: unknown; message?: unknown } } | null)?.error;
  return {
    code: typeof error?.code === "string" ? error.code : null,
    message: typeof error?.message === "string" ? error.message : null,
  };
}
