// Errors of drivers: a target that cannot do what is asked, or an instance that did not start.
import type { ErrorDefinition } from "./error-definition.ts";

/** Codes FB_DRIVER_*. */
export const DRIVER_ERRORS = {
  FB_DRIVER_FIELD_REFUSED: {
    message: "the {driver} driver cannot honour {field} of {service}: {reason}",
    kind: "user",
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    hint: "Remove the field for this target with an overlay, or use another target",
  },
  FB_DRIVER_NO_PORT: {
    message: "no free port for {service} between {from} and {to}",
    kind: "user",
    httpStatus: 503,
    exitCode: 1,
    retryable: true,
    hint: "Stop what holds the ports, or name one with ports: [{ name: http, port: … }]",
  },
  FB_DRIVER_UNKNOWN_INSTANCE: {
    message: "there is no instance {handle}",
    kind: "user",
    httpStatus: 404,
    exitCode: 1,
    retryable: false,
    hint: "Try: flyball ps",
  },
} as const satisfies Record<string, ErrorDefinition>;
