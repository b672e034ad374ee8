// What answers nobody at this moment: all requests at a service fail, or all of its instances missed their last check; or most of the last requests at
// something outside failed. That is too little to do anything about it, and enough not to blame those that need it: within seconds there is an
// incident of the place itself, or it answers again.
import type { ControlContext } from "../control-context.ts";
import { httpPools } from "../desired/listeners-of.ts";

/** Longer than this it spares nobody: what is really down has been found by then. */
const LONGEST_MS = 10_000;
const LEAST_FAILED = 2;

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
  for (const [name, { failures }] of state.outside) {
    const { failed, total, began, isFault } = failures;
    const isFailing = !isFault && failed >= LEAST_FAILED && failed * 2 >= total;
    if (isFailing && now - began.firstBad <= LONGEST_MS) down.set(name, began.firstBad);
  }
  return down;
}
