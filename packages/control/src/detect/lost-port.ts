// An instance lost the race for its port: another program listens where it should. That is nobody's fault and no crash, so the instance is
// started again at once on other ports, and nothing is shown as failed. Not so where the manifest itself names the port, and not for ever.
import type { ServiceSpec } from "@flyball/core";
import { checksListeners, type ForeignListener } from "@flyball/drivers";
import type { ControlContext } from "../control-context.ts";
import { portsOf } from "../desired/workload-of.ts";
import { instanceName, type Instance } from "../observe/instance.ts";
import { storedSlot } from "../observe/slot.ts";
import { composeText } from "../texts/compose-text.ts";

/** Races lost in a row; one more is a failure like any other. */
const MAX_LOST = 5;

/** Who listens on the instance's ports in its place; undefined when nobody does, or nobody can tell. */
export async function strangerAt(
  { driver, signal }: ControlContext,
  { handle }: Pick<Instance, "handle">,
): Promise<ForeignListener | undefined> {
  // Only a hint: what keeps it from being answered is said by what is asked next.
  return checksListeners(driver)
    ?.foreignListener(handle, signal)
    .catch(() => undefined);
}

/** Has the instance started again on other ports. False when that would not help: the caller goes on as with any failure. */
export function startElsewhere(
  context: ControlContext,
  facts: { readonly service: ServiceSpec; readonly instance: Instance; readonly stranger: ForeignListener },
): boolean {
  const { service, instance, stranger } = facts;
  const isNamed = portsOf(service).some(
    ({ protocol, port, published }) => port === stranger.port || (protocol === "tcp" && published === stranger.port),
  );
  const slot = context.state.table.slot(instance.service, instance.ordinal);
  // A stateful one is never killed by the loop alone, not even while it starts.
  if (service.kind === "stateful" && instance.phase !== "exited") return false;
  const isUnderWay = slot.lostTo !== undefined && slot.handle === instance.handle;
  if (isUnderWay) return true;
  if (isNamed || slot.lostPorts >= MAX_LOST) return false;
  slot.lostPorts += 1;
  slot.lostTo = stranger;
  slot.handle = instance.handle;
  slot.restartAt = context.clock.now();
  slot.isExcused = true;
  slot.reason = composeText("port.taken", { instance: instanceName(instance), ...stranger });
  context.store.slots.put(storedSlot(slot));
  return true;
}
