// All checks, in the order of the manifest's parts. Each looks at one concept and knows nothing of the others.
import type { CheckContext } from "./check-context.ts";
import { checkDependencies } from "./check-dependencies.ts";
import { checkGrants } from "./check-grants.ts";
import { checkHealing } from "./check-healing.ts";
import { checkHealthchecks } from "./check-healthchecks.ts";
import { checkJwt } from "./check-jwt.ts";
import { checkLimitStore } from "./check-limit-store.ts";
import { checkLimits } from "./check-limits.ts";
import { checkListeners } from "./check-listeners.ts";
import { checkModels } from "./check-models.ts";
import { checkNotify } from "./check-notify.ts";
import { checkPlaceholders } from "./check-placeholders.ts";
import { checkPorts } from "./check-ports.ts";
import { checkPrices } from "./check-prices.ts";
import { checkRoutes } from "./check-routes.ts";
import { checkScale } from "./check-scale.ts";
import { checkSchedule } from "./check-schedule.ts";
import { checkServices } from "./check-services.ts";
import { checkSources } from "./check-sources.ts";
import { checkVariables } from "./check-variables.ts";

const CHECKS: readonly ((context: CheckContext) => void)[] = [
  checkServices,
  checkScale,
  checkSchedule,
  checkPorts,
  checkHealthchecks,
  checkHealing,
  checkDependencies,
  checkGrants,
  checkVariables,
  checkModels,
  checkLimits,
  checkPrices,
  checkLimitStore,
  checkJwt,
  checkListeners,
  checkRoutes,
  checkNotify,
  checkSources,
  checkPlaceholders,
];

/** Runs every check. */
export function runChecks(context: CheckContext): void {
  for (const check of CHECKS) check(context);
}
