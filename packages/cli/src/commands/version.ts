// `flyball version`: this program and what it runs on.
import type { CommandContext } from "../command-line/command-context.ts";

/** Runs the command. */
export async function version(context: CommandContext): Promise<number> {
  const facts = {
    flyball: context.version,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  };
  context.output.value(facts, () => `flyball ${facts.flyball} (node ${facts.node}, ${facts.platform})`);
  return 0;
}
