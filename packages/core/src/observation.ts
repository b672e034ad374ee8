// What is seen, as opposed to what is wanted: instances as a driver reports them, and the states that users read.

/** A process that cannot be mistaken for another after its number was used again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot (field 22 of /proc/<pid>/stat). */
  readonly startTicks: number;
  readonly bootId: string;
}

/** How an instance ended. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: string | null;
  readonly at: number;
  /** true when Flyball asked for the end. */
  readonly wasRequested: boolean;
}

/** An address to connect to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One instance as its driver sees it. */
export interface InstanceObservation {
  /** Opaque to all but the driver; stable for the life of the instance. */
  readonly handle: string;
  readonly service: string;
  readonly ordinal: number;
  readonly specHash: string;
  readonly revision: number;
  readonly state: "running" | "exited";
  readonly identity?: ProcessIdentity;
  readonly startedAt: number;
  readonly exit?: ExitStatus;
  /** By port name. */
  readonly addresses: Readonly<Record<string, Address>>;
}

/** CPU and memory of one instance with all its descendants that carry the tag. */
export interface ResourceUsage {
  readonly handle: string;
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  readonly at: number;
}

/** The state of an instance or service that users read. Starting is never shown as failed, unhealthy never as ready. */
export type LifecycleState =
  | "pending"
  /** What it reserves does not fit on the machine now. */
  | "no-room"
  | "starting"
  | "ready"
  | "degraded"
  | "unhealthy"
  | "crash-loop"
  | "draining"
  | "stopped"
  | "completed"
  | "failed";
