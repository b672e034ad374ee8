// Starts one instance: sweeps what is left of its predecessor, gives it ports, files and an environment, and lets the keeper spawn it.
import { FlyballError, instanceTag, type InstanceObservation, type StartContext, type Workload } from "@flyball/core";
import { assignGpus } from "./assign-gpus.ts";
import { assignPorts } from "./assign-ports.ts";
import { composeEnvironment } from "./compose-environment.ts";
import { prepareFiles, removeFiles, writeStartRecord } from "./instance-files.ts";
import { toObservation, type InstanceNote } from "./instance-note.ts";
import { heldPorts, type ProcessContext } from "./process-context.ts";
import { substitutePlaceholders, type PlaceholderValues } from "./substitute-placeholders.ts";

/** Log files of an instance: 8 MiB, four old ones beside it. */
export const LOG_BOUNDS = { maxBytes: 8 * 1024 * 1024, files: 4 } as const;

/** What to start. */
export interface InstanceStart {
  readonly workload: Workload;
  readonly ordinal: number;
  readonly start: StartContext;
}

/** Where an instance's output goes, below the log folder. */
export function logPath(service: string, ordinal: number): string {
  return `${service}/${ordinal}.log`;
}

/** Resolves once the process runs. FB_DRIVER_NO_PORT, FB_DRIVER_NO_GPU, FB_DRIVER_PORT_TAKEN, FB_DRIVER_PLACEHOLDER, FB_KEEPER_*. */
export function startInstance(
  context: ProcessContext,
  instance: InstanceStart,
  signal: AbortSignal,
): Promise<InstanceObservation> {
  const tag = instanceTag(context.app, context.clone, instance.workload.service, instance.ordinal);
  return context.tagLock.run(tag, async () => {
    signal.throwIfAborted();
    if (context.kept.running(tag).length > 0) throw new FlyballError("FB_DRIVER_ORDINAL_TAKEN", { instance: tag });
    await context.keeper.call("sweep", { tag }, signal);
    const gpus = assignGpus(context, instance.workload);
    try {
      return await spawnInstance(context, { ...instance, gpus: gpus.ids }, tag, signal);
    } finally {
      gpus.release();
    }
  });
}

async function spawnInstance(
  context: ProcessContext,
  { workload, ordinal, start, gpus }: InstanceStart & { readonly gpus: readonly string[] },
  tag: string,
  signal: AbortSignal,
): Promise<InstanceObservation> {
  const { layout, keeper, kept } = context;
  const { service, specHash, workingDirectory } = workload;
  const addresses = await assignPorts({ workload, ordinal, held: heldPorts(context, tag) }, context.ports);
  const values: PlaceholderValues = {
    service,
    ordinal,
    addresses,
    serviceAddresses: start.serviceAddresses,
    environment: start.environment,
  };
  const substitute = (text: string): string => substitutePlaceholders(text, values);
  const argv = (workload.command ?? []).map(substitute);
  const own = Object.fromEntries(
    Object.entries(workload.environment).map(([name, value]) => [name, substitute(value)]),
  );
  const { paths, secretFiles } = await prepareFiles(layout, workload, ordinal);
  const environment = composeEnvironment({
    base: context.baseEnvironment,
    granted: start.environment,
    own,
    addresses,
    paths,
    gpus,
  });
  const { serviceAddresses } = start;
  const note: InstanceNote = {
    kind: "instance",
    service,
    ordinal,
    specHash,
    revision: start.revision,
    addresses,
    ...(gpus.length === 0 ? {} : { gpus }),
  };
  const log = { path: logPath(service, ordinal), ...LOG_BOUNDS };
  try {
    const record = { environment, workingDirectory, serviceAddresses };
    await writeStartRecord(layout, { service, ordinal }, record).then(
      () => context.unwrittenRecords.delete(tag),
      () => context.unwrittenRecords.set(tag, record),
    );
    signal.throwIfAborted();
    // Not abortable from here on: a spawn that nobody waits for would be an instance that nobody knows of.
    const request = { tag, argv, workingDirectory, environment, log, files: secretFiles, note: { ...note } };
    const process = await keeper.call("spawn", request);
    kept.add(process);
    return toObservation(process)!;
  } catch (error) {
    context.unwrittenRecords.delete(tag);
    await removeFiles(layout, { service, ordinal });
    throw error;
  }
}
