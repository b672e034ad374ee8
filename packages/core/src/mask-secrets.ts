// Hides what looks like a secret before a value is shown. Secrets belong into `secrets`, but a person may have written one into
// environment all the same, and differences are printed, logged and sent.

/** What is shown instead. */
export const HIDDEN = "(hidden)";

const SECRET_NAME = /PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL/;
const REFERENCE = /^\$\{secrets\.[^}]*\}$/;
const URL_PASSWORD = /(:\/\/[^\s:/@]*:)([^\s@/]+)(@)/g;

/** A copy in which values of secret-looking variables and passwords in URLs are hidden; references to secrets stay. */
export function maskSecrets(value: unknown, name = ""): unknown {
  if (typeof value === "string") return maskText(value, name);
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, maskSecrets(member, key)]));
}

function maskText(text: string, name: string): string {
  if (isVariable(name) && SECRET_NAME.test(name) && !REFERENCE.test(text)) return HIDDEN;
  return text.replaceAll(URL_PASSWORD, (whole, before: string, password: string, after: string) =>
    REFERENCE.test(password) ? whole : `${before}${HIDDEN}${after}`,
  );
}

/** Variables are written in capitals; the spec's own fields (`apiKeySecret`: a name, not a value) are not. */
function isVariable(name: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(name);
}
