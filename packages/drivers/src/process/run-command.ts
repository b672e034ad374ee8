// Runs a command in an instance's environment (a health check by command). The keeper spawns it, because only the keeper knows the
// values of secrets; it has a tag and a log file of its own, so it is never taken for the instance, and both are gone afterwards.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { FlyballError, instanceTag } from "@flyball/core";
import { parseLogLine, type KeptProcess } from "@flyball/wire";
import { readStartRecord, type StartRecord } from "./instance-files.ts";
import type { InstancePlace } from "./instance-handle.ts";
import { readCheckNote, readInstanceNote, type CheckNote, type InstanceNote } from "./instance-note.ts";
import { closeLogFiles, openLogFiles } from "./log-files.ts";
import type { ProcessContext } from "./process-context.ts";
import { substitutePlaceholders } from "./substitute-placeholders.ts";
import { tailLog } from "./tail-log.ts";

/** The last of the output that is answered; what came before is dropped. */
const MAX_OUTPUT_CHARACTERS = 64 * 1024;
/** Of its log file, which holds a time with each line; an old one is kept beside it. */
const MAX_LOG_BYTES = 512 * 1024;
/** How long a killed command may take to vanish before it is given up. */
const KILL_WAIT_MS = 2_000;
/** The code for an end by a signal, as shells report SIGKILL. */
const KILLED_CODE = 137;

/** A command and its limit. */
export interface CommandWish {
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

/** See `RunsCommands`. Commands of one instance run one after the other. The time-out counts from the spawn. */
export async function runCommand(
  context: ProcessContext,
  handle: string,
  wish: CommandWish,
  signal: AbortSignal,
): Promise<{ readonly code: number; readonly output: string }> {
  const process = context.kept.get(handle);
  const note = process && readInstanceNote(process.note);
  if (!note || process.state === "exited") throw new FlyballError("FB_DRIVER_UNKNOWN_INSTANCE", { handle });
  const tag = checkTag(context, note);
  return context.tagLock.run(tag, async () => {
    signal.throwIfAborted();
    const record = context.unwrittenRecords.get(process.tag) ?? (await readStartRecord(context.layout, note));
    if (!record) throw new FlyballError("FB_DRIVER_UNKNOWN_INSTANCE", { handle });
    const check = await spawnCheck(context, { tag, note, record, command: wish.command });
    try {
      await untilEnded(context, check, { ...wish, note }, signal);
      const exit = context.kept.get(check.key)?.exit;
      return { code: exit?.code ?? KILLED_CODE, output: await readOutput(context, check) };
    } finally {
      await cleanUp(context, check);
    }
  });
}

/** The tag of commands that are run for an instance. */
export function checkTag({ app, clone }: ProcessContext, { service, ordinal }: InstancePlace): string {
  return instanceTag(app, clone, `${service}@check`, ordinal);
}

/** Ends what a predecessor of this control left behind in the middle of a check. */
export async function endStaleChecks(context: ProcessContext): Promise<void> {
  for (const process of context.kept.all()) {
    if (!readCheckNote(process.note)) continue;
    if (process.state === "running") await context.keeper.call("sweep", { tag: process.tag });
    await cleanUp(context, process);
  }
}

interface CheckStart {
  readonly tag: string;
  readonly note: InstanceNote;
  readonly record: StartRecord;
  readonly command: readonly string[];
}

async function spawnCheck(context: ProcessContext, { tag, note, record, command }: CheckStart): Promise<KeptProcess> {
  const { service, ordinal, addresses } = note;
  const { environment, workingDirectory, serviceAddresses } = record;
  const values = { service, ordinal, addresses, serviceAddresses, environment };
  const unique = Math.floor(context.random() * 36 ** 8).toString(36);
  const checkNote: CheckNote = { kind: "check", logPath: `${service}@check/${ordinal}.${unique}.log` };
  const process = await context.keeper.call("spawn", {
    tag,
    argv: command.map((text) => substitutePlaceholders(text, values)),
    workingDirectory,
    environment,
    log: { path: checkNote.logPath, maxBytes: MAX_LOG_BYTES, files: 1 },
    files: [],
    note: { ...checkNote },
  });
  context.kept.add(process);
  return process;
}

async function untilEnded(
  context: ProcessContext,
  check: KeptProcess,
  { command, timeoutMs, note }: CommandWish & { readonly note: InstanceNote },
  signal: AbortSignal,
): Promise<void> {
  const limit = new AbortController();
  const instance = `${note.service}/${note.ordinal}`;
  const failure = new FlyballError("FB_DRIVER_COMMAND_TIMED_OUT", { command: command.join(" "), instance, timeoutMs });
  const cancel = context.clock.after(timeoutMs, () => limit.abort(failure));
  try {
    await context.kept.untilExited(check.key, AbortSignal.any([signal, limit.signal]));
  } catch (error) {
    await context.keeper.call("sweep", { tag: check.tag });
    await context.kept.untilExited(check.key, AbortSignal.timeout(KILL_WAIT_MS)).catch(() => {});
    throw error;
  } finally {
    cancel();
  }
}

async function readOutput(context: ProcessContext, check: KeptProcess): Promise<string> {
  const path = join(context.layout.logs, readCheckNote(check.note)!.logPath);
  const files = await openLogFiles(path);
  try {
    const { lines } = await tailLog(files, Number.POSITIVE_INFINITY);
    const text = lines.map((line) => parseLogLine(line)?.text ?? "").join("\n");
    return text.slice(-MAX_OUTPUT_CHARACTERS);
  } finally {
    await closeLogFiles(files);
  }
}

async function cleanUp({ layout, keeper, kept }: ProcessContext, check: KeptProcess): Promise<void> {
  const note = readCheckNote(check.note);
  if (note) {
    const path = join(layout.logs, note.logPath);
    await Promise.all([rm(path, { force: true }), rm(`${path}.1`, { force: true })]);
  }
  kept.drop(check.key);
  await keeper.call("forget", { keys: [check.key] });
}
