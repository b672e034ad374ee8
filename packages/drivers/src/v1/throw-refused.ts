// Turns a plan's refusal into the error that `apply` raises for it, so that both say the same.
import { FlyballError } from "@flyball/core";
import type { Refusal } from "./driver.ts";

/** Throws FB_DRIVER_FIELD_REFUSED for the first refusal, with all of them in the details. */
export function throwRefused(driver: string, refusals: readonly Refusal[]): void {
  const [first] = refusals;
  if (first) throw new FlyballError("FB_DRIVER_FIELD_REFUSED", { driver, ...first, refusals });
}
