// What counts in each rate, once a second, in one file: a window may be a day long, and no start reads a day of journal. After a crash the
// file is at most a second old; the journal's tail has the rest. It is written by the main thread from the shared table, so no worker
// spends time on it.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The counts of one rate: wall time at which a step begins, and what counts in it. */
export type RateSteps = readonly (readonly [stepStart: number, amount: number])[];

/** All rates at one time. */
export interface RatesDump {
  /** Wall time at which they were read, under the lock of the limits. */
  readonly at: number;
  readonly rates: readonly (readonly [limitId: string, steps: RateSteps])[];
}

const RATES_FILE = "rates.json";

/** Writes the file whole or not at all. One call at a time. */
export async function writeRates(folder: string, dump: RatesDump): Promise<void> {
  const path = join(folder, RATES_FILE);
  await writeFile(`${path}.new`, JSON.stringify(dump), { mode: 0o600 });
  await rename(`${path}.new`, path);
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

/** Writes a JSON file whole or not at all. */
export function writeJson(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
