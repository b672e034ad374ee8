// The values of secrets live here and in the processes that need them, nowhere else: not in control, not in a log, not on a command
// line that is reported back.
import { FlyballError } from "@flyball/core";

/** Secrets by name. As many as the manifest names. */
export interface SecretValues {
  put(values: Readonly<Record<string, string>>): void;
  /** By name; FB_KEEPER_SECRET for one that was never put. */
  get(names: readonly string[]): Record<string, string>;
  /** Replaces each `${secrets.name}`. */
  reveal(text: string): string;
  /** Replaces it in arguments and environment; `label` is what may be told of the program in an error. */
  revealCommand(command: RevealableCommand): RevealableCommand & { readonly label: string | undefined };
}

/** Where references to secrets may stand. */
export interface RevealableCommand {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Creates an empty store. */
export function createSecretValues(): SecretValues {
  const values = new Map<string, string>();
  const valueOf = (name: string): string => {
    const value = values.get(name);
    if (value === undefined) throw new FlyballError("FB_KEEPER_SECRET", { name });
    return value;
  };
  const reveal = (text: string): string =>
    text.replaceAll(/\$\{secrets\.([^}]+)\}/g, (_whole, name: string) => valueOf(name));
  return {
    put(added) {
      for (const [name, value] of Object.entries(added)) values.set(name, value);
    },
    get: (names) => Object.fromEntries(names.map((name) => [name, valueOf(name)])),
    reveal,
    revealCommand({ argv, environment }) {
      const variables = Object.entries(environment).map(([name, value]) => [name, reveal(value)]);
      return {
        argv: argv.map(reveal),
        environment: Object.fromEntries(variables) as Record<string, string>,
        label: argv[0],
      };
    },
  };
}
