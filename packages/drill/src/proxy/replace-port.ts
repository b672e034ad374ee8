// The program behind the proxy gets another port than the one that was meant for it, in its arguments and in its environment.

/** How an instance is started. */
export interface ProgramStart {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Replaces a port: in arguments wherever the number stands by itself, in the environment where it is the whole value. */
export function replacePort(start: ProgramStart, from: number, to: number): ProgramStart {
  const number = new RegExp(`(?<![\\d.])${from}(?![\\d.])`, "g");
  return {
    argv: start.argv.map((argument) => argument.replace(number, String(to))),
    environment: Object.fromEntries(
      Object.entries(start.environment).map(([name, value]) => [name, value === String(from) ? String(to) : value]),
    ),
  };
}
