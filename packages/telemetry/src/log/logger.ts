// Logs as JSON lines: one object a line with time, level, message and fields, secrets replaced. Writing is the caller's matter
// (a stream, a test's array), so a log never decides where it goes.
import type { Clock } from "@flyball/core";
import { redact, redactText } from "./redact.ts";

/** Levels in rising order. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** How much a line matters. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Values beside the message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes lines. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Whether debug lines are made: where one for each request would cost something, look first. */
  readonly isDebug: boolean;
  /** A logger whose lines all carry these fields. */
  with(fields: LogFields): Logger;
}

/** What a logger needs. */
export interface LoggerOptions {
  readonly clock: Pick<Clock, "now">;
  /** Lines below it are not made. */
  readonly level: LogLevel;
  /** Gets one line with its line feed. */
  readonly write: (line: string) => void;
  readonly fields?: LogFields;
}

/** Creates a logger. */
export function createLogger(options: LoggerOptions): Logger {
  const least = LOG_LEVELS.indexOf(options.level);
  const log = (level: LogLevel, message: string, fields?: LogFields): void => {
    if (LOG_LEVELS.indexOf(level) < least) return;
    const line = {
      time: new Date(options.clock.now()).toISOString(),
      level,
      message: redactText(message),
      ...(redact({ ...options.fields, ...fields }) as object),
    };
    options.write(`${JSON.stringify(line)}\n`);
  };
  return {
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
    isDebug: least === 0,
    with: (fields) => createLogger({ ...options, fields: { ...options.fields, ...fields } }),
  };
}

/** A level by its name; info for anything else. */
export function readLogLevel(name: string | undefined): LogLevel {
  return LOG_LEVELS.find((level) => level === name?.toLowerCase()) ?? "info";
}
