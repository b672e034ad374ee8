// The log files that the keeper has open: one writer for each path, shared by whatever writes to it at the same time, and the keeper's own.
import { isAbsolute, relative, resolve } from "node:path";
import type { Clock, StateLayout } from "@flyball/core";
import { keeperFailed } from "../keeper/keeper-failure.ts";
import { formatLogLine } from "./log-line.ts";
import { createRotatingLog, type RotatingLog } from "./rotating-log.ts";

/** Which file, and its bounds. */
export interface LogFileSpec {
  /** Below the layout's log folder. */
  readonly path: string;
  readonly maxBytes: number;
  readonly files: number;
}

/** Open log files. */
export interface LogFiles {
  /** One line into the keeper's own log: 1 MiB and one old file. */
  write(text: string): void;
  /** Opens a file; throws FB_KEEPER_FAILED when it is not below the log folder. `release` once nothing writes to it any more. */
  open(spec: LogFileSpec): { readonly log: RotatingLog; readonly release: () => void };
  /** Writes the rest of all and closes them. */
  close(): Promise<void>;
}

/** Creates the set. Lines that could not be written are counted in the keeper's own log. */
export function createLogFiles(layout: StateLayout, clock: Clock): LogFiles {
  const folder = layout.logs;
  const own = createRotatingLog({ path: layout.keeperLog, maxBytes: 1024 * 1024, files: 1, onLoss: () => {} });
  const write = (text: string): void => void own.append(formatLogLine(clock.now(), "o", text.replaceAll("\n", " ")));
  const shared = new Map<string, { readonly log: RotatingLog; users: number }>();
  return {
    write,
    open({ path, maxBytes, files }) {
      const full = resolve(folder, path);
      const below = relative(folder, full);
      if (below.startsWith("..") || isAbsolute(below)) throw keeperFailed("log", `${path} is not below ${folder}`);
      const onLoss = (lines: number, reason: string): void => write(`${path} lost ${lines} lines: ${reason}`);
      const entry = shared.get(full) ?? {
        log: createRotatingLog({ path: full, maxBytes, files, onLoss }),
        users: 0,
      };
      entry.users += 1;
      shared.set(full, entry);
      const release = (): void => {
        entry.users -= 1;
        if (entry.users > 0) return;
        shared.delete(full);
        void entry.log.close();
      };
      return { log: entry.log, release };
    },
    async close() {
      await Promise.all([...shared.values()].map(({ log }) => log.close()));
      await own.close();
    },
  };
}
