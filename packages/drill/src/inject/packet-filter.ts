// Packets that vanish: rules of iptables in a chain of their own, which carries the drill's name, so that whoever finds one knows whose
// it is and can take it away whole.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { InjectorReason } from "../injector-reason.ts";

const run = promisify(execFile);

/** Chains of drills begin with this. */
export const CHAIN_PREFIX = "FLYBALL-DRILL-";
/** The kernel takes 28 characters. */
const ID_LENGTH = 12;
const HOOKS = ["INPUT", "OUTPUT"] as const;
/** How long a call waits for the lock that all calls of iptables share, in seconds. */
const LOCK_WAIT = "5";

/** For addresses of the one family and the other. */
export type FilterProgram = "iptables" | "ip6tables";

/** What is lost. */
export interface LostPackets {
  readonly chain: string;
  readonly port: number;
  readonly direction: "in" | "out" | "both";
  readonly method: "drop" | "reject";
}

/** The name of a chain. */
export function chainName(id: string): string {
  return CHAIN_PREFIX + id.slice(-ID_LENGTH);
}

/** Why packets cannot be filtered here; undefined: they can. */
export async function whyNoFilter(program: FilterProgram): Promise<InjectorReason | undefined> {
  if (process.getuid?.() !== 0) return { code: "not-root" };
  try {
    await call(program, "-S", "INPUT");
    return undefined;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") return { code: "no-program", program };
    return { code: "program-fails", program, words: stderr?.trim() || String(code) };
  }
}

/** Lets the packets of a TCP port vanish. The chain is filled before anything leads to it. */
export async function losePackets(
  program: FilterProgram,
  { chain, port, direction, method }: LostPackets,
): Promise<void> {
  await call(program, "-N", chain);
  const ends = [...(direction === "out" ? [] : ["--dport"]), ...(direction === "in" ? [] : ["--sport"])];
  const target = method === "drop" ? ["DROP"] : ["REJECT", "--reject-with", "tcp-reset"];
  const comment = ["-m", "comment", "--comment", chain];
  // The resets that say no must themselves get through.
  if (method === "reject") await call(program, "-A", chain, "-p", "tcp", "--tcp-flags", "RST", "RST", "-j", "RETURN");
  for (const end of ends) await call(program, "-A", chain, "-p", "tcp", end, String(port), ...comment, "-j", ...target);
  for (const hook of HOOKS) await call(program, "-I", hook, "1", ...comment, "-j", chain);
}

/** Takes a chain away with all that leads to it. One that is not there is taken away already. */
export async function removeChain(program: FilterProgram, chain: string): Promise<void> {
  if (!(await listChains(program)).includes(chain)) return;
  for (const hook of HOOKS) {
    while (await call(program, "-D", hook, "-m", "comment", "--comment", chain, "-j", chain).then(yes, no));
  }
  await call(program, "-F", chain);
  await call(program, "-X", chain);
}

/** Chains of drills that stand now; none where there is no filter. */
export async function listChains(program: FilterProgram): Promise<readonly string[]> {
  const rules = await call(program, "-S").catch(() => "");
  return rules
    .split("\n")
    .filter((line) => line.startsWith(`-N ${CHAIN_PREFIX}`))
    .map((line) => line.slice("-N ".length));
}

async function call(program: FilterProgram, ...words: readonly string[]): Promise<string> {
  const { stdout } = await run(program, ["-w", LOCK_WAIT, ...words]);
  return stdout;
}

const yes = (): boolean => true;
const no = (): boolean => false;
