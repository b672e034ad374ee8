// Which instances are probed now: the active ones whose workload has a check.
import { knowsStopped, runsCommands } from "@flyball/drivers";
import type { ControlContext } from "../control-context.ts";
import { workloadOf } from "../desired/workload-of.ts";
import { strangerAt } from "../detect/lost-port.ts";
import { isActive } from "./instance.ts";

/** Hands the prober the active instances. */
export function setProbeTargets(context: ControlContext): void {
  const spec = context.effective()?.spec;
  const power = runsCommands(context.driver);
  const stopped = knowsStopped(context.driver);
  const targets = context.state.table.all().flatMap((instance) => {
    const service = spec?.services[instance.service];
    const healthcheck = spec && service && workloadOf(spec, service, context.settings)?.healthcheck;
    if (healthcheck === undefined || !isActive(instance)) return [];
    return [
      {
        service: instance.service,
        handle: instance.handle,
        addresses: instance.addresses,
        healthcheck,
        isStarting: instance.phase === "starting",
        ...(instance.phase === "ready" ? { answeredAt: instance.lastGoodAt, isDoubted: instance.isDoubted } : {}),
        ...(stopped === undefined ? {} : { isStopped: () => stopped.isStopped(instance.handle, context.signal) }),
        ...(instance.phase === "ready" ? {} : { findStranger: () => strangerAt(context, instance) }),
        runCommand:
          power === undefined
            ? undefined
            : (command: readonly string[], timeoutMs: number) =>
                power.runCommand(instance.handle, command, { timeoutMs }, context.signal),
      },
    ];
  });
  context.prober.setTargets(targets);
}
