// The address of a tcp service as its dependants get it. It is known before the service runs and the same at every start; but where another
// program took the port, the service starts on another one, and what starts after it must hear of that.
import type { ServiceSpec } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { isActive } from "../observe/instance.ts";

/** Takes the address from the running instance with the lowest ordinal. */
export function learnTcpAddress({ state }: ControlContext, service: ServiceSpec): void {
  const port = service.ports.find(({ protocol }) => protocol === "tcp");
  if (port === undefined) return;
  const [first] = state.table
    .of(service.name)
    .filter(isActive)
    .toSorted((a, b) => a.ordinal - b.ordinal);
  const address = first?.addresses[port.name];
  if (address !== undefined) state.tcpAddresses.set(service.name, address);
}
