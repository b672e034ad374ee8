// What the process gives to the command line.
import type { Clock } from "@flyball/core";
import type { TextSink } from "../output/output.ts";
import type { SignalSource } from "./interruptions.ts";

/** The process, or a stand-in for it. */
export interface CommandLineHost {
  /** Without the program and the script. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly home: string;
  readonly userName: string;
  readonly version: string;
  readonly stdout: TextSink & { readonly isTTY?: boolean };
  readonly stderr: TextSink & { readonly isTTY?: boolean };
  readonly signals: SignalSource;
  readonly clock?: Clock;
}
