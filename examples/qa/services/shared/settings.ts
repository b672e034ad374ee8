// Services are configured by environment variables only. They are read once at the start; a bad value ends the process
// with a sentence that names the variable.

/** Environment variables as Node gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that is missing or wrong. */
export class SettingError extends Error {}

/** A variable that must be there. */
export function requiredSetting(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined || value === "") throw new SettingError(`${name} is not set.`);
  return value;
}

/** A variable that may be missing; an empty one counts as missing. */
export function optionalSetting(environment: Environment, name: string): string | null {
  const value = environment[name];
  return value === undefined || value === "" ? null : value;
}

/** A whole number within bounds, or the default. */
export function numberSetting(
  environment: Environment,
  name: string,
  { fallback, minimum, maximum }: { fallback: number; minimum: number; maximum: number },
): number {
  const text = optionalSetting(environment, name);
  if (text === null) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new SettingError(`${name} must be a whole number from ${minimum} to ${maximum}, not "${text}".`);
  }
  return value;
}

/** Base address of an HTTP service, without a slash at its end. */
export function urlSetting(environment: Environment, name: string): string {
  const text = requiredSetting(environment, name);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new SettingError(`${name} must be an http address, not "${text}".`);
  }
  return text.replace(/\/+$/, "");
}

/** `true` or `false`; missing means false. */
export function flagSetting(environment: Environment, name: string): boolean {
  const text = optionalSetting(environment, name) ?? "false";
  if (text !== "true" && text !== "false") throw new SettingError(`${name} must be true or false, not "${text}".`);
  return text === "true";
}
