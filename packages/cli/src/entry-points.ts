// The one place that knows where the files of the processes are, and the data that ships: TypeScript sources in a checkout, bundled files in
// a package.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageFolder } from "./package-folder.ts";

/** The processes that Flyball starts. */
export type EntryName = "keeper" | "control" | "gateway" | "engine" | "referee" | "fault-proxy" | "lease-keeper";

const isSource = import.meta.url.endsWith(".ts");
const SOURCE_FLAGS = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];
/**
 * Left alone, V8 takes 30 MB for young objects of a thread that makes few, and lets the old ones double before it looks at them. Smaller steps
 * cost these processes no time that shows; workers of the gateway have bounds of their own.
 */
const MEMORY_FLAGS = ["--max-semi-space-size=2", "--heap-growing-percent=70"];

/** The beginning of a process's command line: the running Node, its flags, the file. Arguments of the entry are appended. */
export function entryPoint(name: EntryName): readonly string[] {
  return [process.execPath, ...MEMORY_FLAGS, ...(isSource ? SOURCE_FLAGS : []), entryFile(name)];
}

/** The file of a worker thread of the gateway. */
export function gatewayWorkerFile(): URL {
  return pathToFileURL(entryFile("gateway-worker"));
}

/** The folder of the fault catalogue. */
export function drillsFolder(): string {
  return isSource ? join(packageFolder(), "..", "..", "drills") : join(packageFolder(), "dist", "drills");
}

function entryFile(name: EntryName | "gateway-worker"): string {
  const [folder, ending] = isSource ? ["src", "ts"] : ["dist/bundled", "js"];
  return join(packageFolder(), folder, "entries", `${name}.${ending}`);
}
