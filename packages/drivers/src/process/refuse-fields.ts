// Which fields of a workload plain processes cannot honour. Each is refused by name when the plan is made: a field is never silently
// ignored. What is not named here is honoured.
import type { PortSpec, Workload } from "@flyball/core";
import type { DesiredWorkload, Refusal } from "../v1/driver.ts";
import type { MachineSize } from "./machine-size.ts";

/** All refusals, in the order of the workloads. Pure. */
export function refuseFields(desired: readonly DesiredWorkload[], machine: MachineSize): readonly Refusal[] {
  return desired.flatMap(({ workload, replicas }) => [
    ...refuseProgram(workload),
    ...refuseLimits(workload),
    ...refuseReservations(workload, machine),
    ...workload.ports.flatMap((port) => refusePort(workload, port, replicas)),
  ]);
}

function refuseProgram({ service, image, build, command }: Workload): readonly Refusal[] {
  const refusals: Refusal[] = [];
  if (image !== undefined) refusals.push({ service, field: "image", reason: "an image needs the docker target" });
  if (build) refusals.push({ service, field: "build", reason: "building an image needs the docker target" });
  if (image === undefined && !build && (command === undefined || command.length === 0)) {
    refusals.push({ service, field: "command", reason: "there is no program to run" });
  }
  return refusals;
}

/** A memory limit is held by control, which measures every instance and restarts one above its limit. */
function refuseLimits({ service, resources: { limits } }: Workload): readonly Refusal[] {
  const reason = "a plain process cannot be held to a share of the processor; a limit needs the docker target";
  return limits.cpus === undefined ? [] : [{ service, field: "resources.limits.cpus", reason }];
}

function refusePort({ service }: Workload, spec: PortSpec, replicas: number): readonly Refusal[] {
  const { name, protocol, port, published } = spec;
  if (protocol === "tcp" && port !== undefined && published !== undefined && port !== published) {
    const reason = `a process is reached on the port that it listens on: it cannot listen on ${port} and be published on ${published}`;
    return [{ service, field: `ports.${name}.published`, reason }];
  }
  const fixed = (protocol === "tcp" ? published : undefined) ?? port;
  if (fixed === undefined || replicas < 2) return [];
  const remedy =
    protocol === "tcp" ? "leave it out or set replicas: 1" : "leave `port` out and let the program listen on $PORT";
  const field = `ports.${name}.${protocol === "tcp" && published !== undefined ? "published" : "port"}`;
  return [
    { service, field, reason: `${replicas} instances on one machine cannot all listen on port ${fixed}; ${remedy}` },
  ];
}

/** A reservation that no machine like this can hold is refused; one that only others keep from fitting waits for them. */
function refuseReservations(
  { service, resources: { reservations } }: Workload,
  machine: MachineSize,
): readonly Refusal[] {
  const { cpus = 0, memoryBytes = 0, gpus = 0 } = reservations;
  const refuse = (field: string, reason: string): Refusal => ({
    service,
    field: `resources.reservations.${field}`,
    reason,
  });
  return [
    ...(cpus > machine.cpus
      ? [refuse("cpus", `one instance reserves ${cpus} cores, the machine has ${machine.cpus}`)]
      : []),
    ...(memoryBytes > machine.memoryBytes
      ? [
          refuse(
            "memory",
            `one instance reserves ${inMebibytes(memoryBytes)}, the machine has ${inMebibytes(machine.memoryBytes)}`,
          ),
        ]
      : []),
    ...(gpus > machine.gpuIds.length
      ? [refuse("gpus", `one instance reserves ${gpus} GPUs, the machine has ${machine.gpuIds.length}`)]
      : []),
  ];
}

function inMebibytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MiB`;
}
