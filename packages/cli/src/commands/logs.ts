// `flyball logs [service[/n]]`: what instances wrote, of their earlier lives too.
import type { LogLine } from "@flyball/core";
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { flagOption, numberOption } from "../command-line/command-input.ts";
import { parseInstanceName, requireService } from "../command-line/require-service.ts";
import { padToWidth } from "../output/display-width.ts";
import type { Style } from "../output/style.ts";

const DEFAULT_TAIL = 200;
const INTERRUPTED = 130;

/** Runs the command; with --follow until Ctrl-C. */
export async function logs(context: CommandContext, input: CommandInput): Promise<number> {
  const follow = flagOption(input, "follow");
  const tail = numberOption(input, "tail", { min: 0, max: 1_000_000 }) ?? DEFAULT_TAIL;
  const [name] = input.positionals;
  const { control } = await openControl(context);
  const wanted = name === undefined ? undefined : parseInstanceName(name);
  if (wanted !== undefined) requireService(await control.status(), wanted.service);
  const interrupted = new AbortController();
  const stopListening = context.interruptions.listen(() => interrupted.abort());
  const prefix = createPrefix();
  try {
    for await (const line of control.logs({ ...wanted, tail, follow }, interrupted.signal))
      context.output.streamed(line, (style) => `${prefix(line, style)} ${line.text}`);
    return interrupted.signal.aborted ? INTERRUPTED : 0;
  } catch (error) {
    if (interrupted.signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    stopListening();
  }
}

/** `language/1 |`, as wide as the widest name so far, each instance in a colour of its own. */
function createPrefix(): (line: LogLine, style: Style) => string {
  const colours = ["cyan", "green", "yellow"] as const;
  const known = new Map<string, (typeof colours)[number]>();
  let width = 0;
  return (line, style) => {
    width = Math.max(width, line.instance.length);
    const colour = known.get(line.instance) ?? colours[known.size % colours.length] ?? "cyan";
    known.set(line.instance, colour);
    const bar = line.stream === "stderr" ? "!" : "|";
    return style[colour](`${padToWidth(line.instance, width)} ${bar}`);
  };
}
