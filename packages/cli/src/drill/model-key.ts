// A key of the drill for its model calls; taken away at its end.
import type { ControlClient } from "@flyball/client";

/** The key. */
export interface DrillKey {
  /** Makes it at the first call. */
  value(): Promise<string>;
  revoke(): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** A drill that was killed leaves its key: it does not work for ever. */
const LIFE_MS = 24 * HOUR_MS;

/** A key of this control. */
export function makeModelKey(control: ControlClient): DrillKey {
  let made: { readonly id: string; readonly value: string } | undefined;
  return {
    async value() {
      if (made === undefined) {
        const expiresAt = Date.now() + LIFE_MS;
        const issued = await control.createKey({ name: `drill-${process.pid}`, expiresAt, reason: "drill" });
        made = { id: issued.key.id, value: issued.value };
      }
      return made.value;
    },
    async revoke() {
      if (made !== undefined) await control.revokeKey(made.id, { reason: "drill" }).catch(() => undefined);
    },
  };
}
