// The shape of one row of the error table (design §5): what every error that Flyball raises must state.

/** One row: stable code, what it means, and what follows from it. */
export interface ErrorDefinition {
  /** Sentence with `{name}` placeholders for details. */
  readonly message: string;
  /** Who has to act: the user's mistake (no stack), an upstream's fault, or our bug (stack). */
  readonly kind: "user" | "upstream" | "bug";
  /** HTTP status where the error is answered over HTTP. */
  readonly httpStatus: number;
  /** Process exit code where the error ends a command (style §28). */
  readonly exitCode: 1 | 2 | 3 | 4 | 5;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
  /** The remedy: what to do, or one command to try. */
  readonly hint: string;
}
