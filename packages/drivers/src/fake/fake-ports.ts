// Numbers for the ports of fake instances: nobody listens on them unless a knob leads them to a FakeUpstream.
import type { Address, PortSpec, Workload } from "@flyball/core";

const FIRST_PORT = 20_000;

/** Gives ports: http ones new at each start, tcp ones the same for each service, ordinal and name. */
export interface FakePorts {
  addressesOf(
    workload: Workload,
    ordinal: number,
    chosen: Readonly<Record<string, number>>,
  ): Readonly<Record<string, Address>>;
  stablePort(workload: Workload, ordinal: number, portName: string): number;
}

/** Counts up from 20,000. */
export function createFakePorts(): FakePorts {
  const stable = new Map<string, number>();
  let next = FIRST_PORT;
  const stablePort: FakePorts["stablePort"] = ({ service }, ordinal, portName) => {
    const key = `${service}/${ordinal}/${portName}`;
    const port = stable.get(key) ?? next++;
    stable.set(key, port);
    return port;
  };
  return {
    stablePort,
    addressesOf: (workload, ordinal, chosen) =>
      Object.fromEntries(
        workload.ports.map((spec) => {
          const named = chosen[spec.name] ?? fixedPort(spec);
          const port = named ?? (spec.protocol === "tcp" ? stablePort(workload, ordinal, spec.name) : next++);
          return [spec.name, { host: "127.0.0.1", port }];
        }),
      ),
  };
}

/** The port that the specification itself names. */
export function fixedPort(spec: PortSpec): number | undefined {
  return (spec.protocol === "tcp" ? spec.published : undefined) ?? spec.port;
}
