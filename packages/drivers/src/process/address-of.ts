// The address of a tcp service before it runs: dependants get it in their environment, so it must be known when they start.
import type { Address, Workload } from "@flyball/core";
import { fixedPort, listenHost, stablePort } from "./assign-ports.ts";
import { readInstanceNote } from "./instance-note.ts";
import { heldPorts, type ProcessContext } from "./process-context.ts";

/** See `KnowsAddresses`. That of the lowest ordinal that runs, else that which the first instance will have. */
export async function addressOf(
  context: ProcessContext,
  workload: Workload,
  portName: string,
): Promise<Address | undefined> {
  const spec = workload.ports.find((port) => port.name === portName);
  if (!spec) return undefined;
  const host = listenHost(spec);
  const fixed = fixedPort(spec);
  if (fixed !== undefined) return { host, port: fixed };
  if (spec.protocol === "http") return undefined;
  return (
    runningAddress(context, workload.service, portName) ?? {
      host,
      port: await stablePort({ workload, ordinal: 0, held: heldPorts(context) }, spec, context.ports),
    }
  );
}

function runningAddress({ kept }: ProcessContext, service: string, portName: string): Address | undefined {
  return kept
    .all()
    .flatMap((process) => (process.state === "running" ? (readInstanceNote(process.note) ?? []) : []))
    .filter((note) => note.service === service)
    .toSorted((a, b) => a.ordinal - b.ordinal)[0]?.addresses[portName];
}
