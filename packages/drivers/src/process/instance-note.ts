// What the driver writes on a kept process, so that a driver after control's restart knows what it is. It is read back with care: the
// keeper may be older than this program.
import type { Address, InstanceObservation } from "@flyball/core";
import type { KeptProcess } from "@flyball/wire";

/** The note on an instance's process. Small: the keeper keeps a thousand of them. */
export interface InstanceNote {
  readonly kind: "instance";
  readonly service: string;
  readonly ordinal: number;
  readonly specHash: string;
  readonly revision: number;
  /** By port name. */
  readonly addresses: Readonly<Record<string, Address>>;
  /** Ids of its GPUs; absent: none. */
  readonly gpus?: readonly string[];
}

/** The note on a command that was run in an instance's environment; never reported as an instance. */
export interface CheckNote {
  readonly kind: "check";
  readonly logPath: string;
}

/** The note, when it is one of an instance. */
export function readInstanceNote(note: KeptProcess["note"]): InstanceNote | undefined {
  const { kind, service, ordinal, specHash, revision, addresses } = note;
  const isInstance =
    kind === "instance" &&
    typeof service === "string" &&
    typeof ordinal === "number" &&
    typeof specHash === "string" &&
    typeof revision === "number" &&
    addresses !== null &&
    typeof addresses === "object";
  return isInstance ? (note as unknown as InstanceNote) : undefined;
}

/** The note, when it is one of a check. */
export function readCheckNote(note: KeptProcess["note"]): CheckNote | undefined {
  return note["kind"] === "check" && typeof note["logPath"] === "string" ? (note as unknown as CheckNote) : undefined;
}

/** What control sees of a kept process; undefined when it is no instance. */
export function toObservation(kept: KeptProcess): InstanceObservation | undefined {
  const note = readInstanceNote(kept.note);
  if (!note) return undefined;
  return {
    handle: kept.key,
    service: note.service,
    ordinal: note.ordinal,
    specHash: note.specHash,
    revision: note.revision,
    state: kept.state,
    identity: kept.identity,
    startedAt: kept.startedAt,
    ...(kept.exit ? { exit: kept.exit } : {}),
    addresses: note.addresses,
  };
}
