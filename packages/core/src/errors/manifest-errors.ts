// Errors of the manifest: always the user's file, always with file, line and column in the details. Each problem of a manifest has
// one of these codes; the command fails with FB_MANIFEST_INVALID, whose summary holds all of them.
import type { ErrorDefinition } from "./error-definition.ts";

const USER_MISTAKE = { kind: "user", httpStatus: 400, exitCode: 2, retryable: false } as const;

/** Codes FB_MANIFEST_*. */
export const MANIFEST_ERRORS = {
  FB_MANIFEST_NOT_FOUND: { ...USER_MISTAKE, message: "no manifest at {path}", hint: "Try: flyball init" },
  FB_MANIFEST_INVALID: {
    ...USER_MISTAKE,
    message: "the manifest is invalid: {summary}",
    hint: "Correct the lines named above. Try: flyball docs",
  },
  FB_MANIFEST_UNREADABLE: {
    ...USER_MISTAKE,
    message: "a file that the manifest names cannot be read: {reason}",
    hint: "Paths are relative to the file that names them; files are UTF-8",
  },
  FB_MANIFEST_SYNTAX: {
    ...USER_MISTAKE,
    message: "the file is not the YAML that a manifest is made of: {reason}",
    hint: "One document, text keys, spaces for indentation, no custom tags",
  },
  FB_MANIFEST_LIMIT: {
    ...USER_MISTAKE,
    message: "the file is beyond a limit: {reason}",
    hint: "1 MiB, 64 levels, 64 aliases; split the file with include",
  },
  FB_MANIFEST_DUPLICATE: {
    ...USER_MISTAKE,
    message: "something is named twice: {reason}",
    hint: "Remove or rename one of the two",
  },
  FB_MANIFEST_UNKNOWN_KEY: {
    ...USER_MISTAKE,
    message: "unknown key: {reason}",
    hint: "Try: flyball docs",
  },
  FB_MANIFEST_REFUSED_KEY: {
    ...USER_MISTAKE,
    message: "a word of another tool that Flyball does not use: {reason}",
    hint: "The message names our word or the reason",
  },
  FB_MANIFEST_WRONG_VALUE: {
    ...USER_MISTAKE,
    message: "a value has the wrong type or form: {reason}",
    hint: "Try: flyball docs <section>",
  },
  FB_MANIFEST_MISSING_KEY: { ...USER_MISTAKE, message: "a key is missing: {reason}", hint: "Add the key" },
  FB_MANIFEST_CONFLICT: {
    ...USER_MISTAKE,
    message: "keys that do not go together: {reason}",
    hint: "Remove one of them; the message says which go together",
  },
  FB_MANIFEST_UNKNOWN_NAME: {
    ...USER_MISTAKE,
    message: "a name that nothing has: {reason}",
    hint: "Declare it or correct the name",
  },
  FB_MANIFEST_CYCLE: {
    ...USER_MISTAKE,
    message: "dependencies form a circle: {reason}",
    hint: "Remove one depends_on of the circle",
  },
  FB_MANIFEST_PORT_CLASH: {
    ...USER_MISTAKE,
    message: "one port is wanted twice: {reason}",
    hint: "Choose another port for one of the two",
  },
  FB_MANIFEST_NAME_CLASH: {
    ...USER_MISTAKE,
    message: "two names become one environment variable: {reason}",
    hint: "Rename one, or give the model's grant its own prefix: models: { chat: { env: OPENAI } }",
  },
  FB_MANIFEST_ROUTE_CLASH: {
    ...USER_MISTAKE,
    message: "two routes match the same requests: {reason}",
    hint: "Give one a longer path, a method, a host or a header",
  },
  FB_MANIFEST_VARIABLE: {
    ...USER_MISTAKE,
    message: "a variable cannot be filled in: {reason}",
    hint: "Set the variable, or write a default: ${NAME:-default}",
  },
  FB_MANIFEST_PLACEHOLDER: {
    ...USER_MISTAKE,
    message: "a start-time placeholder is unknown or stands in the wrong place: {reason}",
    hint: "${secrets.x}, ${instance.port}, ${instance.ordinal}, ${services.x.address} and ${services.x.url} go into command and environment",
  },
  FB_MANIFEST_REGION: {
    ...USER_MISTAKE,
    message: "data would leave the allowed regions: {reason}",
    hint: "Use a backend in one of data.allowed_regions",
  },
  FB_MANIFEST_EXPOSED: {
    ...USER_MISTAKE,
    message: "an address that others can reach: {reason}",
    hint: "Use 127.0.0.1; a proxy on the same machine can serve clients outside",
  },
  FB_MANIFEST_REFUSED_ADDRESS: {
    ...USER_MISTAKE,
    message: "an address that a provider cannot have: {reason}",
    hint: "Write the provider's own address; what is asked there may hold the credentials of this machine",
  },
  FB_MANIFEST_LITERAL_SECRET: {
    ...USER_MISTAKE,
    message: "a secret stands in the manifest: {reason}",
    hint: 'Name it: secrets: { x: { env: X_KEY } }, then api_key: "${secrets.x}"',
  },
  FB_MANIFEST_INCLUDE: {
    ...USER_MISTAKE,
    message: "an include cannot be followed: {reason}",
    hint: "Files must not include one another in a circle; at most 8 levels",
  },
} as const satisfies Record<string, ErrorDefinition>;
