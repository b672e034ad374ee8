// Measures CPU and memory of every instance and holds the memory limit on targets that have no cgroup for it: an instance above its limit
// in two measurements in a row is due for a restart, as an out-of-memory kill would do, with the limit named as the cause.
import { measuresResources } from "@flyball/drivers";
import type { ControlContext } from "../control-context.ts";
import { composeText } from "../texts/compose-text.ts";
import { instanceName, isActive, type Instance } from "./instance.ts";

const PERIOD_MS = 2_000;
const MEASUREMENTS_ABOVE = 2;

/** Measures until the signal aborts. */
export function startResourceMeter(context: ControlContext): void {
  const power = measuresResources(context.driver);
  if (power === undefined) return;
  let isMeasuring = false;
  const cancel = context.clock.every(PERIOD_MS, () => {
    if (isMeasuring) return;
    isMeasuring = true;
    void power
      .measure(context.signal)
      .then((usages) => {
        for (const usage of usages) {
          const instance = context.state.table.find(usage.handle);
          if (instance === undefined) continue;
          const before = instance.usage;
          if (before !== undefined && usage.at > before.at) {
            // A child that ended takes its seconds along: the sum may fall, the use may not.
            const seconds = Math.max(0, usage.cpuSeconds - before.cpuSeconds);
            instance.cpuPercent = (seconds / ((usage.at - before.at) / 1000)) * 100;
          }
          instance.usage = usage;
          context.state.usage.add(instanceName(instance), {
            at: usage.at,
            cpus: before === undefined ? undefined : (instance.cpuPercent ?? 0) / 100,
            memoryBytes: usage.rssBytes,
          });
          holdMemoryLimit(context, instance);
        }
      })
      .catch(() => undefined)
      .finally(() => {
        isMeasuring = false;
      });
  });
  context.signal.addEventListener("abort", cancel, { once: true });
}

/** Exported for its test. */
export function holdMemoryLimit(context: ControlContext, instance: Instance): void {
  const limit = context.effective()?.spec.services[instance.service]?.resources.limits.memoryBytes;
  if (limit === undefined || instance.usage === undefined || !isActive(instance)) return;
  instance.overMemoryLimit = instance.usage.rssBytes > limit ? instance.overMemoryLimit + 1 : 0;
  if (instance.overMemoryLimit !== MEASUREMENTS_ABOVE) return;
  const now = context.clock.now();
  const text = composeText("memory.over", {
    instance: instanceName(instance),
    used: megabytes(instance.usage.rssBytes),
    limit: megabytes(limit),
  });
  context.incidents.report({
    class: "memory-limit",
    subject: { service: instance.service, ordinal: instance.ordinal, handle: instance.handle },
    revision: instance.revision,
    began: { lastGood: now - PERIOD_MS * MEASUREMENTS_ABOVE, firstBad: now - PERIOD_MS, source: "evidence" },
    summary: text,
    evidence: text,
    source: "resources",
  });
  // It serves nobody any more, and the ladder has its restart; a stateful one goes on, and a person is told.
  if (context.effective()?.spec.services[instance.service]?.kind !== "stateful") instance.phase = "unhealthy";
  context.wake();
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
}
