// Which log lines to read.

/** A selection of log lines. Without service and instance it is all of the app. */
export interface LogQuery {
  readonly service?: string | undefined;
  /** `<service>/<ordinal>` */
  readonly instance?: string | undefined;
  /** At most this many of the last lines first. */
  readonly tail?: number | undefined;
  readonly follow?: boolean | undefined;
}
