// The trace of a command: opened, its bad rows named, cut to the length that is asked for.
import { mixOf, type Trace, type TrafficMix, cutWindow } from "@flyball/sim";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { textOption } from "../command-line/command-input.ts";
import { parseDuration } from "../command-line/parse-duration.ts";
import { usageError } from "../messages/localised-error.ts";
import { openTrace } from "./trace-file.ts";
import { traceNotes } from "./trace-notes.ts";

/** A trace with at least one request. */
export interface LoadedTrace {
  readonly trace: Trace;
  /** Undefined where all its requests come at one moment. */
  readonly mix: TrafficMix | undefined;
}

/** Reads the trace that the first word names; FB_CLI_USAGE when there is nothing to replay in it. */
export async function loadTrace(context: CommandContext, input: CommandInput): Promise<LoadedTrace> {
  const [path = ""] = input.positionals;
  const { output, translate } = context;
  const duration = textOption(input, "duration");
  const durationMs = duration === undefined ? Number.POSITIVE_INFINITY : parseDuration(duration, "--duration");
  const whole = await openTrace(path, context.workingDirectory);
  for (const note of traceNotes(whole, translate)) output.note(note);
  if (whole.requests.length === 0) {
    const formats = "Azure CSV, ServeGen CSV, Mooncake JSONL, Flyball journal/JSONL";
    throw usageError("simulate.empty", { path, formats }, "flyball simulate --help");
  }
  const trace = { ...whole, requests: cutWindow(whole.requests, 0, durationMs) };
  return { trace, mix: mixOf(trace.requests, trace.blockTokens) };
}
