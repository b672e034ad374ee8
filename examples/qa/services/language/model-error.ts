// Turns what LangChain throws into the error that the client is told. A status that says "later" or "elsewhere" passes
// through with its code and its retry-after; any other refusal is our own mistake towards the model, so it is a 502.
import { ServiceError } from "../shared/service-error.ts";
import { errorIn } from "../shared/upstream-error.ts";

const passedStatuses = new Set([429, 502, 503, 504]);

/** The error for a failed model call; `isLate` says that our own time limit ended it. */
export function modelError(error: unknown, isLate: boolean): ServiceError {
  if (error instanceof ServiceError) return error;
  const { status, name, message, headers } = describe(error);
  if (isLate || name === "TimeoutError") {
    return new ServiceError(504, "QA_MODEL_TIMEOUT", "The model did not answer in time.");
  }
  if (status === null) return new ServiceError(502, "QA_MODEL_UNREACHABLE", `The model could not be asked: ${message}`);
  const told = errorIn({ error: (error as { error?: unknown }).error });
  if (!passedStatuses.has(status)) {
    return new ServiceError(502, "QA_MODEL_REFUSED", `The model refused with ${status}: ${told.message ?? message}`);
  }
  const retryAfter = headers?.get("retry-after") ?? null;
  return new ServiceError(
    status,
    told.code ?? (status === 429 ? "QA_MODEL_BUSY" : "QA_MODEL_FAILED"),
    told.message ?? message,
    retryAfter === null ? {} : { "retry-after": retryAfter },
  );
}

interface Described {
  readonly status: number | null;
  readonly name: string;
  readonly message: string;
  readonly headers: Headers | null;
}

function describe(error: unknown): Described {
  if (!(error instanceof Error)) return { status: null, name: "", message: String(error), headers: null };
  const { status, headers } = error as { status?: unknown; headers?: unknown };
  return {
    status: typeof status === "number" ? status : null,
    name: error.name,
    message: error.message,
    headers: headers instanceof Headers ? headers : null,
  };
}
