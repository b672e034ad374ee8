// Fetches the secrets of a snapshot from the keeper. A keeper that does not answer at once is asked again: a gateway must not refuse a
// good snapshot because of a hiccup.
import type { Clock } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";

/** Pause between two questions. */
export const SECRETS_RETRY_MS = 250;

/** What reading needs. */
export interface ReadSecretsOptions {
  readonly names: readonly string[];
  readonly read: (names: readonly string[]) => Promise<Readonly<Record<string, string>>>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A newer snapshot waits: there is no sense in going on. */
  readonly isPointless: () => boolean;
}

/** Values by name; undefined when it became pointless. */
export async function readSecrets(options: ReadSecretsOptions): Promise<Readonly<Record<string, string>> | undefined> {
  const { names, clock, logger } = options;
  if (names.length === 0) return {};
  for (;;) {
    try {
      return await options.read(names);
    } catch (error) {
      logger.warn("the keeper gave no secrets; asking again", { names, error });
    }
    await new Promise<void>((resolve) => void clock.after(SECRETS_RETRY_MS, resolve));
    if (options.isPointless()) return undefined;
  }
}
