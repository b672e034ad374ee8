// What counts in each rate, once a second, in one file: a window may be a day long, and no start reads a day of journal. After a crash the
// file is at most a second old; the journal's tail has the rest. It is written by the main thread from the shared table, so no worker
// spends time on it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "@flyball/wire";

/** The counts of one rate: wall time at which a step begins, and what counts in it. */
export type RateSteps = readonly (readonly [stepStart: number, amount: number])[];

/** All rates at one time. */
export interface RatesDump {
  /** Wall time at which they were read, under the lock of the limits. */
  readonly at: number;
  readonly rates: readonly (readonly [limitId: string, steps: RateSteps])[];
}

const RATES_FILE = "rates.json";

/** Writes the file whole or not at all. A gateway that hands over writes it too. */
export function writeRates(folder: string, dump: RatesDump): Promise<void> {
  return replaceFile(join(folder, RATES_FILE), JSON.stringify(dump));
}

/** The file; undefined when there is none that can be read. */
export function readRates(folder: string): RatesDump | undefined {
  return readJson<RatesDump>(join(folder, RATES_FILE));
}

/** A JSON file; undefined when it is missing or not JSON. */
export function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}
