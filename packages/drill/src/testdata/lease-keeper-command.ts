// How a test starts the lease keeper.
import { join } from "node:path";

/** The running Node, its flags, the file. */
export function leaseKeeperCommand(): readonly string[] {
  const flags = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];
  return [process.execPath, ...flags, join(import.meta.dirname, "lease-keeper-entry.ts")];
}
