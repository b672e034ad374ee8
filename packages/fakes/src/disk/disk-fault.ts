// What the disk of a process does wrong, and when. Write points are counted over the whole life of the process, from 1: making a file, each write,
// flush, rename, link, truncation and removal, and each statement that changes a database.

/** One fault. */
export interface DiskFault {
  /** At which write point. Beyond the last there is no fault: a test goes up from 1 until the process ends by itself. */
  readonly at: number;
  /** kill: SIGKILL to the process itself. Else the system's error: `ENOSPC`, `EROFS`. */
  readonly what: "kill" | "ENOSPC" | "EROFS";
  /** Of a write, this many bytes reach the file first. Default 0. */
  readonly bytes?: number;
  /** Each later write point fails as well, until the process gets SIGUSR2: then there is room. Not for `kill`. */
  readonly lasts?: boolean;
}

/** Carries the fault, as JSON, in the environment of the process. */
export const DISK_FAULT_VARIABLE = "FLYBALL_FAKE_DISK";
