// The conformance suite of Driver v1: what control relies on, tried on the real thing. Every driver runs it from a test file of its own;
// it needs no test library, only `describe` and `it` of the caller's.
import type { ConformanceSubject } from "./conformance/conformance-subject.ts";
import { describeAborting } from "./conformance/describe-aborting.ts";
import { describeLogs } from "./conformance/describe-logs.ts";
import { describeObserving } from "./conformance/describe-observing.ts";
import { describePlanning } from "./conformance/describe-planning.ts";
import { describePowers } from "./conformance/describe-powers.ts";
import { describeRestarting } from "./conformance/describe-restarting.ts";
import { describeStarting } from "./conformance/describe-starting.ts";
import { describeStopping } from "./conformance/describe-stopping.ts";

export type * from "./conformance/conformance-subject.ts";

/**
 * Declares the suite for one driver.
 *
 * ```ts
 * import { describe, it } from "vitest";
 * driverConformance({ name: "fake", test: { describe, it }, create, makeWorkload, refused, commands });
 * ```
 */
export function driverConformance(subject: ConformanceSubject): void {
  subject.test.describe(`driver/v1 conformance of ${subject.name}`, () => {
    describePlanning(subject);
    describeStarting(subject);
    describeObserving(subject);
    describeRestarting(subject);
    describeStopping(subject);
    describeLogs(subject);
    describeAborting(subject);
    describePowers(subject);
  });
}
