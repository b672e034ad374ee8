// Services of the app that answer nobody at this moment: all requests at them fail, or all of their instances missed their last check. That is too little
// to do anything about them, and enough not to blame those that need them: within seconds there is an incident of the service itself, or they answer again.
import type { ControlContext } from "../control-context.ts";
import { httpPools } from "../desired/listeners-of.ts";

/** Longer than this it spares nobody: what is really down has been found by then. */
const LONGEST_MS = 10_000;

/** Since when, by service. */
export function servicesDown(context: ControlContext): ReadonlyMap<string, number> {
  const { state, clock } = context;
  const now = clock.now();
  const down = new Map<string, number>();
  const findings = state.detectors.find(now).filter((finding) => finding.class === "dependency-down");
  for (const service of Object.values(context.effective()?.spec.services ?? {})) {
    const ready = state.table.of(service.name).filter(({ phase }) => phase === "ready");
    const since = [
      ...findings
        .filter(({ subject }) => httpPools(service).some(({ pool }) => pool === subject))
        .map(({ began }) => began.firstBad),
      ...(ready.length > 0 && ready.every(({ failedProbes }) => failedProbes > 0)
        ? ready.map(({ unhealthySince = now }) => unhealthySince)
        : []),
    ];
    const first = Math.min(...since);
    if (since.length > 0 && now - first <= LONGEST_MS) down.set(service.name, first);
  }
  return down;
}
