// Whether another program listens where an instance should. A free port was chosen and tested before the start, but until the program
// itself binds it anybody may take it; a probe would then take the stranger for the instance. The one proof is the socket: its inode must
// be held by a process of the instance (by tag, descent or session). Off Linux nothing is known.
import { readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import {
  findListeningSockets,
  findPortHolder,
  findTaggedProcesses,
  type KeptProcess,
  type ListeningSocket,
} from "@flyball/wire";
import { FlyballError } from "@flyball/core";
import type { ForeignListener } from "../v1/powers.ts";
import { readInstanceNote } from "./instance-note.ts";
import type { ProcessContext } from "./process-context.ts";

/** Programs of container engines that listen in the place of a container: an instance that says `docker run -p` does not listen itself. */
const FORWARDERS: ReadonlySet<string> = new Set(["docker-proxy", "rootlessport", "slirp4netns", "pasta", "pasta.avx2"]);

/** See `ChecksListeners`. A holder that this user may not look at is not called foreign. */
export async function foreignListener(
  context: Pick<ProcessContext, "kept" | "procRoot">,
  handle: string,
  signal: AbortSignal,
): Promise<ForeignListener | undefined> {
  const { kept, procRoot } = context;
  const process = kept.get(handle);
  const note = process && readInstanceNote(process.note);
  if (!process || !note) throw new FlyballError("FB_DRIVER_UNKNOWN_INSTANCE", { handle });
  for (const { host, port } of Object.values(note.addresses)) {
    const sockets = findListeningSockets(host, port, procRoot);
    if (sockets.length === 0 || (await isOwn(process, sockets, procRoot))) continue;
    signal.throwIfAborted();
    const holder = findPortHolder(host, port, procRoot);
    if (holder === undefined || FORWARDERS.has(holder.command)) continue;
    return { port, holder: `${holder.command} (pid ${holder.pid})` };
  }
  return undefined;
}

/** The leader of the session holds it as a rule, so it is asked first: looking at all processes costs milliseconds. */
async function isOwn(process: KeptProcess, sockets: readonly ListeningSocket[], procRoot: string): Promise<boolean> {
  const names = new Set(sockets.map(({ inode }) => `socket:[${inode}]`));
  if (await holdsOne(procRoot, process.identity.pid, names)) return true;
  const all = await findTaggedProcesses({ tag: process.tag, roots: [process.identity] });
  for (const { stat } of all) if (await holdsOne(procRoot, stat.pid, names)) return true;
  return false;
}

async function holdsOne(procRoot: string, pid: number, names: ReadonlySet<string>): Promise<boolean> {
  const folder = join(procRoot, String(pid), "fd");
  try {
    for (const descriptor of await readdir(folder)) {
      const target = await readlink(join(folder, descriptor)).catch(() => "");
      if (names.has(target)) return true;
    }
  } catch {
    // It ended, or may not be looked at.
  }
  return false;
}
