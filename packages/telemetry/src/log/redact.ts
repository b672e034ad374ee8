// Keeps secrets out of logs: by the name of a field, and by the look of a value wherever it stands.

const SECRET_NAME =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key|api[-_]?key|.*(?:password|passwd|secret|token))$/i;
const SECRET_VALUE = /\bsk-[A-Za-z0-9_-]{6,}|\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi;
const MAX_DEPTH = 8;

/** What stands in the place of a secret. */
export const REDACTED = "[redacted]";

/** A copy without secrets. Deeper than eight levels is cut; a cycle therefore ends too. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value);
  if (value === null || typeof value !== "object") return value;
  if (depth >= MAX_DEPTH) return "[too deep]";
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      SECRET_NAME.test(name) ? REDACTED : redact(member, depth + 1),
    ]),
  );
}

/** Text with everything that looks like a key or a credential replaced. */
export function redactText(text: string): string {
  return text.replaceAll(SECRET_VALUE, (_whole, scheme: string | undefined) =>
    scheme ? `${scheme} ${REDACTED}` : REDACTED,
  );
}

function redactError(error: Error, depth: number): unknown {
  const parts: Record<string, unknown> = { name: error.name, message: redactText(error.message) };
  if ("code" in error) parts["code"] = error.code;
  if (error.stack) parts["stack"] = redactText(error.stack);
  if (error.cause !== undefined) parts["cause"] = redact(error.cause, depth + 1);
  return parts;
}
