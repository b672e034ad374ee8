// How large this machine is, for reservations: processors and memory that this process may use, and NVIDIA's GPUs. FLYBALL_MACHINE says
// otherwise where room shall be left for other programs, or where a test wants another machine.
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";

/** What there is to be reserved. */
export interface MachineSize {
  readonly cpus: number;
  readonly memoryBytes: number;
  /** As CUDA_VISIBLE_DEVICES names them. */
  readonly gpuIds: readonly string[];
}

/** The variable that says how large the machine is: `cpus=4,memory=16GiB,gpus=1`; what it does not name is measured. */
const MACHINE_VARIABLE = "FLYBALL_MACHINE";

/** GPUs that a program in trouble holds up are not waited for longer than this. */
const LIST_LIMIT_MS = 5_000;
const UNITS: Readonly<Record<string, number>> = { MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 };

/** Where it looks; everything is this machine's unless given. */
export interface MachineSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly procRoot?: string;
  /** What `nvidia-smi --list-gpus` prints; undefined when it cannot be run. */
  readonly listGpus?: () => Promise<string | undefined>;
}

/** This machine's size. */
export async function readMachine(sources: MachineSources): Promise<MachineSize> {
  const { environment } = sources;
  const said = parseMachine(environment[MACHINE_VARIABLE] ?? "");
  return {
    cpus: said.cpus ?? availableParallelism(),
    memoryBytes: said.memoryBytes ?? machineMemory(),
    gpuIds: said.gpuIds ?? (await findGpus(sources)),
  };
}

/** Without GPUs: finding them takes a program. */
export function plainMachine(): MachineSize {
  return { cpus: availableParallelism(), memoryBytes: machineMemory(), gpuIds: [] };
}

/** Reads the variable; a part that cannot be read is as if it were not there. */
export function parseMachine(text: string): Partial<MachineSize> {
  const parts = new Map<string, string>();
  for (const part of text.split(",")) {
    const [name = "", value = ""] = part.trim().split("=", 2);
    parts.set(name, value);
  }
  const cpus = Number(parts.get("cpus"));
  const gpus = Number(parts.get("gpus"));
  const [, amount, unit = ""] = /^([0-9.]+)(MiB|GiB|TiB)$/.exec(parts.get("memory") ?? "") ?? [];
  const memoryBytes = Number(amount) * (UNITS[unit] ?? Number.NaN);
  return {
    ...(cpus > 0 ? { cpus } : {}),
    ...(memoryBytes > 0 ? { memoryBytes } : {}),
    ...(parts.has("gpus") && Number.isInteger(gpus) && gpus >= 0 ? { gpuIds: firstIds(gpus) } : {}),
  };
}

/** A container's limit counts where there is one. */
function machineMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

async function findGpus({
  environment,
  procRoot = "/proc",
  listGpus = runNvidiaSmi,
}: MachineSources): Promise<string[]> {
  const visible = environment["CUDA_VISIBLE_DEVICES"];
  if (visible !== undefined)
    return visible
      .split(",")
      .map((id) => id.trim())
      .filter((id) => id !== "" && id !== "-1");
  const listed = await listGpus();
  if (listed !== undefined) return firstIds(listed.split("\n").filter((line) => /^GPU \d+:/.test(line)).length);
  try {
    return firstIds(readdirSync(join(procRoot, "driver/nvidia/gpus")).length);
  } catch {
    return [];
  }
}

function firstIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

function runNvidiaSmi(): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile("nvidia-smi", ["--list-gpus"], { timeout: LIST_LIMIT_MS }, (error, stdout) =>
      resolve(error === null ? stdout : undefined),
    );
  });
}
