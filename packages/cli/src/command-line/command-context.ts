// Everything of the outside world that a command may touch, handed in, so that a test runs a command without a process.
import type { Clock } from "@flyball/core";
import type { Language } from "../messages/language.ts";
import type { Translate } from "../messages/translate.ts";
import type { Output } from "../output/output.ts";
import type { Interruptions } from "./interruptions.ts";

/** Shows how far a long computation is, each text in place of the last one; `""` takes it away. Off a terminal it shows nothing. */
export type ShowProgress = (text: string) => void;

/** Handed to every command. */
export interface CommandContext {
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly home: string;
  /** Who runs the command; the author of what it changes. */
  readonly userName: string;
  /** What was typed, without values that may be secret; stands in the audit trail. */
  readonly commandLine: string;
  readonly clock: Clock;
  readonly language: Language;
  readonly translate: Translate;
  readonly output: Output;
  readonly progress: ShowProgress;
  readonly interruptions: Interruptions;
  /** `--file`, when it was given. */
  readonly manifestOption: string | undefined;
  /** What a person types to call this program: `flyball`, or `npx flyball` in a checkout. */
  readonly commandName: string;
}

/** What stood behind the command's name. */
export interface CommandInput {
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** A command; resolves with its exit code (style: 0 ok, 1 failed, 2 usage, 3 unhealthy, 4 not authorised, 5 timed out, 130 interrupted). */
export type RunCommand = (context: CommandContext, input: CommandInput) => Promise<number>;
