// Gives an instance its ports. Http ports are new at each start, tcp ports the same at every start, a port that the manifest names is
// used as it is.
import { FlyballError, type Address, type PortSpec, type Workload } from "@flyball/core";
import { findPortHolder } from "@flyball/wire";
import { cannotListen, type PortAllocator } from "./port-allocator.ts";
import type { PortProbe } from "./port-probe.ts";
import type { StablePorts } from "./stable-ports.ts";

const LOOPBACK = "127.0.0.1";

/** Whose ports. */
export interface PortsOwner {
  readonly workload: Workload;
  readonly ordinal: number;
  /** Ports of instances that run, whether they listen yet or not. */
  readonly held: ReadonlySet<number>;
}

/** Where ports come from. */
export interface PortSources {
  readonly allocator: PortAllocator;
  readonly probe: PortProbe;
  readonly stable: StablePorts;
  /** Differs from start to start, so that a restarted instance gets another http port. */
  readonly nextSerial: () => number;
}

/** The addresses by port name, in the order of the workload. FB_DRIVER_NO_PORT, FB_DRIVER_PORT_TAKEN. */
export async function assignPorts(owner: PortsOwner, sources: PortSources): Promise<Record<string, Address>> {
  const addresses: Record<string, Address> = {};
  for (const spec of owner.workload.ports) {
    const host = listenHost(spec);
    const fixed = fixedPort(spec);
    if (fixed !== undefined) await requireFree(owner.workload.service, host, fixed, sources.probe);
    const port =
      fixed ??
      (spec.protocol === "tcp" ? await stablePort(owner, spec, sources) : await freshPort(owner, spec, sources));
    addresses[spec.name] = { host, port };
  }
  return addresses;
}

/** The port that the specification itself names; a published tcp port is the instance's own. */
export function fixedPort(spec: PortSpec): number | undefined {
  return (spec.protocol === "tcp" ? spec.published : undefined) ?? spec.port;
}

/** Published tcp ports listen where they are published; everything else is reached from this machine only. */
export function listenHost(spec: PortSpec): string {
  return spec.protocol === "tcp" && spec.published !== undefined ? spec.host : LOOPBACK;
}

/**
 * The port of a tcp service, allotted at the first call. One that another program took meanwhile is replaced: better a service at a new
 * address, which its observation tells, than none.
 */
export async function stablePort(owner: PortsOwner, spec: PortSpec, sources: PortSources): Promise<number> {
  const { allocator, probe, stable } = sources;
  const { workload, ordinal, held } = owner;
  const key = `${workload.service}/${ordinal}/${spec.name}`;
  const host = listenHost(spec);
  const known = await stable.get(key);
  if (known !== undefined && (held.has(known) || (await probe.listenProblem(host, known)) === undefined)) return known;
  const excluded = new Set([...held, ...(await stable.ports())]);
  const port = await allocator.choose({
    service: workload.service,
    host,
    key: `${workload.app}.${workload.clone}/${key}`,
    excluded,
  });
  await stable.set(key, port);
  return port;
}

async function freshPort(
  { workload, ordinal, held }: PortsOwner,
  spec: PortSpec,
  sources: PortSources,
): Promise<number> {
  const { app, clone, service } = workload;
  return sources.allocator.choose({
    service,
    host: listenHost(spec),
    key: `${app}.${clone}/${service}/${ordinal}/${spec.name}/${sources.nextSerial()}`,
    excluded: new Set([...held, ...(await sources.stable.ports())]),
  });
}

async function requireFree(service: string, host: string, port: number, probe: PortProbe): Promise<void> {
  const problem = await probe.listenProblem(host, port);
  if (problem === undefined) return;
  if (problem !== "EADDRINUSE") throw cannotListen(service, host, port, problem);
  const holder = findPortHolder(host, port);
  const name = holder ? `${holder.command} (pid ${holder.pid})` : "another program";
  throw new FlyballError("FB_DRIVER_PORT_TAKEN", { service, port, holder: name });
}
