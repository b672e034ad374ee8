// The files of an instance: volumes live as long as the app's state, everything else in one folder for each service and ordinal that is
// made at the start and removed when the instance is stopped, so that no secret stays on the disk without its user.
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { StateLayout, Workload } from "@flyball/core";
import { replaceFile, type SpawnRequest } from "@flyball/wire";
import type { InstancePaths } from "./compose-environment.ts";

/** What later commands in the instance's environment need; secrets in it are unresolved. */
export interface StartRecord {
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly serviceAddresses: Readonly<Record<string, string>>;
}

/** The files made for one start. */
export interface PreparedFiles {
  readonly paths: InstancePaths;
  /** Made by the keeper, which knows the values of secrets. */
  readonly secretFiles: SpawnRequest["files"];
}

/** Makes the folders of volumes, an empty folder for the instance, and its configs (0600). */
export async function prepareFiles(layout: StateLayout, workload: Workload, ordinal: number): Promise<PreparedFiles> {
  const folder = instanceFolder(layout, workload.service, ordinal);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const volumes = Object.fromEntries(workload.volumes.map(({ volume }) => [volume, join(layout.volumes, volume)]));
  for (const path of Object.values(volumes)) await mkdir(path, { recursive: true, mode: 0o700 });
  const configs = Object.fromEntries(workload.configs.map(({ name }) => [name, join(folder, `config-${name}`)]));
  for (const { name, content } of workload.configs) await replaceFile(join(folder, `config-${name}`), content);
  const secrets = Object.fromEntries(workload.secrets.map((name) => [name, join(folder, `secret-${name}`)]));
  const secretFiles = Object.entries(secrets).map(([name, path]) => ({ path, content: `\${secrets.${name}}` }));
  return { paths: { volumes, configs, secrets }, secretFiles };
}

/** Keeps what a later command needs. */
export async function writeStartRecord(
  layout: StateLayout,
  instance: { readonly service: string; readonly ordinal: number },
  record: StartRecord,
): Promise<void> {
  const folder = instanceFolder(layout, instance.service, instance.ordinal);
  await replaceFile(join(folder, "start.json"), JSON.stringify(record));
}

/** The record of the start that the folder was made for; undefined when the instance was stopped. */
export async function readStartRecord(
  layout: StateLayout,
  instance: { readonly service: string; readonly ordinal: number },
): Promise<StartRecord | undefined> {
  try {
    const path = join(instanceFolder(layout, instance.service, instance.ordinal), "start.json");
    return JSON.parse(await readFile(path, "utf8")) as StartRecord;
  } catch {
    return undefined;
  }
}

/** Removes what was made for the instance; volumes stay. */
export async function removeFiles(
  layout: StateLayout,
  instance: { readonly service: string; readonly ordinal: number },
): Promise<void> {
  await rm(instanceFolder(layout, instance.service, instance.ordinal), { recursive: true, force: true });
}

function instanceFolder(layout: StateLayout, service: string, ordinal: number): string {
  return join(layout.run, service, String(ordinal));
}
