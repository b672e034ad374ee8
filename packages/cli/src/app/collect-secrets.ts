// The values of an app's secrets, read from where the manifest says. They go to the keeper and nowhere else.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { AppSpec, SecretSpec, StateLayout } from "@flyball/core";
import { createFileSync, replaceFileSync } from "@flyball/wire";
import { localisedError, localText } from "../messages/localised-error.ts";

/** Signs the virtual keys of the app's services; not a secret of the manifest, hence the `@`. */
export const KEYS_SECRET = "@keys";

/** Where values come from. */
export interface SecretPlace {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Relative secret files are read from here: the manifest's folder. */
  readonly directory: string;
}

/** The value of every secret that the spec uses; FB_CLI_SECRET_MISSING names the first that has none. */
export function collectSecrets(spec: AppSpec, place: SecretPlace): Record<string, string> {
  const used = usedSecrets(spec);
  return Object.fromEntries(
    Object.entries(spec.secrets)
      .filter(([name]) => used.has(name))
      .map(([name, source]) => [name, valueOf(name, source, place)]),
  );
}

/** The key secret of the app: kept in the state folder, so that virtual keys survive a restart. */
export function keysSecret(layout: StateLayout): string {
  return privateRandom(join(layout.directory, "keys.secret"));
}

/** Makes the bearer token of the control API unless there is one; it is as stable as the state folder. */
export function ensureToken(layout: StateLayout): void {
  privateRandom(layout.tokenFile);
}

/**
 * The content of a file (mode 0600) that is made with 32 random bytes when it is missing. An empty one, as a program before this left it when it
 * was killed while it wrote, is made anew: everybody knows that secret. FB_STATE_UNWRITABLE.
 */
function privateRandom(path: string): string {
  const known = contentOf(path);
  if (known !== undefined && known !== "") return known;
  const value = randomBytes(32).toString("hex");
  if (known === "") replaceFileSync(path, value, { flush: true });
  // Another `up` of the same app may have been first.
  else if (!createFileSync(path, value, { flush: true })) return readFileSync(path, "utf8").trim();
  return value;
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}

/** Names of environment variables that hold secret values; they are not handed on to control. */
export function secretVariables(spec: AppSpec): readonly string[] {
  return Object.values(spec.secrets).flatMap((source) => ("env" in source ? [source.env] : []));
}

/** A secret that nothing uses on this target needs no value. */
function usedSecrets(spec: AppSpec): ReadonlySet<string> {
  const used = new Set<string>();
  for (const service of Object.values(spec.services)) for (const name of service.secrets) used.add(name);
  for (const model of Object.values(spec.models))
    for (const backend of model.backends)
      if (backend.kind === "provider" && backend.apiKeySecret !== undefined) used.add(backend.apiKeySecret);
  const { passwordSecret } = spec.gateway.limitStore ?? {};
  if (passwordSecret !== undefined) used.add(passwordSecret);
  const { secrets: _declared, ...rest } = spec;
  for (const match of JSON.stringify(rest).matchAll(/\$\{secrets\.([^}]+)\}/g))
    if (match[1] !== undefined) used.add(match[1]);
  return used;
}

function valueOf(name: string, source: SecretSpec, place: SecretPlace): string {
  if ("env" in source) {
    const value = place.environment[source.env];
    if (value !== undefined && value !== "") return value;
    throw localisedError(
      "FB_CLI_SECRET_MISSING",
      {
        reason: localText("secret.variable-missing", { variable: source.env }),
        remedy: localText("secret.export-it", { variable: source.env }),
      },
      { secret: name },
    );
  }
  const path = resolve(place.directory, source.file);
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw localisedError(
      "FB_CLI_SECRET_MISSING",
      {
        reason: localText("secret.file-unreadable", { path, reason }),
        remedy: localText("secret.write-it", { path }),
      },
      { secret: name },
    );
  }
}
