// The arguments of keeper and control, written by the command line and read by the entries: words that a person understands in `ps`.
import { parseArgs } from "node:util";
import { type StateLayout, stateLayout } from "@flyball/core";

/** Which app a system process belongs to. */
export interface SystemArguments {
  readonly app: string;
  readonly clone: string;
  readonly stateRoot: string;
  readonly manifestPath: string;
  readonly isForeground: boolean;
}

/** `--app qa --clone 3f9a01c2 …` */
export function formatSystemArguments(system: SystemArguments): readonly string[] {
  const { app, clone, stateRoot, manifestPath, isForeground } = system;
  const words = ["--app", app, "--clone", clone, "--state", stateRoot, "--manifest", manifestPath];
  return isForeground ? [...words, "--foreground"] : words;
}

/** Reads them back; throws when one is missing, which is a defect of the caller. */
export function parseSystemArguments(argv: readonly string[]): SystemArguments & { readonly layout: StateLayout } {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      app: { type: "string" },
      clone: { type: "string" },
      state: { type: "string" },
      manifest: { type: "string" },
      foreground: { type: "boolean", default: false },
    },
  });
  const { app, clone, state, manifest, foreground } = values;
  if (app === undefined || clone === undefined || state === undefined || manifest === undefined)
    throw new Error(`this process is started by flyball and needs --app, --clone, --state and --manifest`);
  return {
    app,
    clone,
    stateRoot: state,
    manifestPath: manifest,
    isForeground: foreground,
    layout: stateLayout(state, app, clone),
  };
}
