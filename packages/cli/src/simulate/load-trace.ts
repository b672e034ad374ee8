// The trace of a command: opened, its bad rows named, cut to the length that is asked for.
import { cutWindow, mixOf, type Trace, type TrafficMix } from "@flyball/sim";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { flagOption, textOption } from "../command-line/command-input.ts";
import { parseDuration } from "../command-line/parse-duration.ts";
import { usageError } from "../messages/localised-error.ts";
import { openOwnRecords } from "./own-records.ts";
import { openTrace } from "./trace-file.ts";
import { traceNotes } from "./trace-notes.ts";

/** A trace with at least one request. */
export interface LoadedTrace {
  readonly trace: Trace;
  /** Undefined where all its requests come at one moment. */
  readonly mix: TrafficMix | undefined;
}

/**
 * Reads the trace that the first word names; without a word, what the app of this folder has served. FB_CLI_USAGE when there is nothing to
 * replay in it, or when rows cannot be used and nobody said that they may be left out.
 */
export async function loadTrace(context: CommandContext, input: CommandInput): Promise<LoadedTrace> {
  const [path] = input.positionals;
  const { output, translate } = context;
  const duration = textOption(input, "duration");
  const durationMs = duration === undefined ? Number.POSITIVE_INFINITY : parseDuration(duration, "--duration");
  const whole = path === undefined ? await openOwnRecords(context) : await openTrace(path, context.workingDirectory);
  for (const note of traceNotes(whole, translate)) output.note(note);
  if (whole.requests.length === 0) throw nothingIn(path, whole);
  if (whole.problemCount > 0) {
    const counts = { count: whole.problemCount, all: whole.problemCount + whole.requests.length };
    if (!flagOption(input, "skipBadRows"))
      throw usageError("trace.bad-rows", counts, `${context.commandLine} --skip-bad-rows`);
    output.note(translate("trace.left-out", counts));
  }
  const trace = { ...whole, requests: cutWindow(whole.requests, 0, durationMs) };
  return { trace, mix: mixOf(trace.requests, trace.blockTokens) };
}

function nothingIn(path: string | undefined, { name }: Trace): Error {
  if (path === undefined) return usageError("simulate.no-calls", { app: name }, "flyball simulate --help");
  const formats = "Azure CSV, ServeGen CSV, BurstGPT CSV, Mooncake JSONL, Flyball journal/JSONL";
  return usageError("simulate.empty", { path, formats }, "flyball simulate --help");
}
