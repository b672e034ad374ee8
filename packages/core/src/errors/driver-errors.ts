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
  FB_DRIVER_PORT_TAKEN: {
    message: "{service} needs port {port}, which {holder} holds",
    kind: "user",
    httpStatus: 409,
    exitCode: 1,
    retryable: true,
    hint: "Stop what holds the port, or leave `port` out and let the program listen on $PORT",
  },
  FB_DRIVER_PLACEHOLDER: {
    message: "{service} uses {placeholder}: {reason}",
    kind: "user",
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    hint: "Try: flyball docs services",
  },
  FB_DRIVER_START_FAILED: {
    message: "cannot start {service}: {reason}",
    kind: "user",
    httpStatus: 500,
    exitCode: 1,
    retryable: true,
    hint: "Try: flyball logs {service}",
  },
  FB_DRIVER_STOP_FAILED: {
    message: "{instance} still runs {waitedMs} ms after SIGKILL",
    kind: "upstream",
    httpStatus: 504,
    exitCode: 5,
    retryable: true,
    hint: "The kernel holds the process, often in a file system or a device that does not answer. Try: ps -o pid,stat,wchan,args",
  },
  FB_DRIVER_ORDINAL_TAKEN: {
    message: "{instance} cannot be started again: another instance of it is running or being started",
    kind: "user",
    httpStatus: 409,
    exitCode: 1,
    retryable: true,
    hint: "Try: flyball ps",
  },
  FB_DRIVER_COMMAND_TIMED_OUT: {
    message: "the command {command} in {instance} took longer than {timeoutMs} ms",
    kind: "upstream",
    httpStatus: 504,
    exitCode: 5,
    retryable: true,
    hint: "Raise timeout of the healthcheck, or make the command quicker",
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
