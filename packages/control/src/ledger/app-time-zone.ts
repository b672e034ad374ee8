// The zone in which an app's days, weeks and months begin: the one in which its gateway counts budgets.
import type { Revision } from "@flyball/core";

/** IANA name; UTC where the manifest names none, and before the first revision. */
export function appTimeZone(revision: Pick<Revision, "spec"> | undefined): string {
  return revision?.spec.gateway.timeZone ?? "UTC";
}
