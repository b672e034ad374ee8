// Logs are one JSON object a line on stdout, so that whoever runs the service can collect them without parsing prose.
// Questions and answers are never logged: people type private things into a question box.

/** Fields of one line beside time, level, service and instance. */
type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Writes one line a call; never throws. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export interface LogOptions {
  readonly service: string;
  /** Tag of this instance, or null when run alone. */
  readonly instance: string | null;
  readonly write: (line: string) => void;
  /** Unix time in milliseconds. */
  readonly now: () => number;
}

/** Makes the log of one service. */
export function createLog({ service, instance, write, now }: LogOptions): Log {
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}): void => {
      const time = new Date(now()).toISOString();
      write(`${JSON.stringify({ time, level, service, instance: instance ?? undefined, event, ...fields })}\n`);
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}
