// What the functions of the process driver share: the way to the keeper, the app's folders, the ports, the operations under way.
import type { Clock, Random, StateLayout } from "@flyball/core";
import type { KeeperClient } from "@flyball/wire";
import type { ReservedOrdinal } from "../v1/plan-instances.ts";
import type { PortSources } from "./assign-ports.ts";
import type { KeptProcesses } from "./kept-processes.ts";
import type { KeyedLock } from "./keyed-lock.ts";
import type { StartRecord } from "./instance-files.ts";
import { readInstanceNote } from "./instance-note.ts";
import type { MachineSize } from "./machine-size.ts";

/** Shared by the functions of one process driver. */
export interface ProcessContext {
  readonly keeper: KeeperClient;
  readonly kept: KeptProcesses;
  readonly layout: StateLayout;
  readonly app: string;
  readonly clone: string;
  readonly baseEnvironment: Readonly<Record<string, string | undefined>>;
  readonly procRoot: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly machine: MachineSize;
  /** GPUs that starts in progress have taken; as many as there are at most. */
  readonly gpusInHand: Set<string>;
  readonly ports: PortSources;
  /** By tag: start, stop and commands of one instance never overlap. */
  readonly tagLock: KeyedLock;
  /** By tag: start records that the disk did not take. An instance runs without its file, and its commands until this control ends. */
  readonly unwrittenRecords: Map<string, StartRecord>;
  /** Ordinals that a start or restart in progress fills; as many as operations. */
  readonly reserved: Set<ReservedOrdinal>;
}

/** Ports of all instances that run but those of one tag, whether they listen yet or not. */
export function heldPorts({ kept }: ProcessContext, exceptTag?: string): ReadonlySet<number> {
  const ports = kept
    .all()
    .filter((process) => process.state === "running" && process.tag !== exceptTag)
    .flatMap((process) => Object.values(readInstanceNote(process.note)?.addresses ?? {}))
    .map((address) => address.port);
  return new Set(ports);
}
