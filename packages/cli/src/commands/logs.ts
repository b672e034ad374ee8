// `flyball logs [service[/n]]`: what instances wrote, of their earlier lives too. Of an app that does not run it shows what is stored.
import type { LogLine } from "@flyball/core";
import { type FoundApp, findApp } from "../app/find-app.ts";
import { connectControl, CONTROL_PATIENCE_MS } from "../app/open-control.ts";
import { instancesWithLogs, readStoredLogs, servicesWithLogs } from "../app/stored-logs.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { flagOption, numberOption } from "../command-line/command-input.ts";
import { parseInstanceName, requireInstance, requireService, unknownService } from "../command-line/require-service.ts";
import { padToWidth } from "../output/display-width.ts";
import type { Style } from "../output/style.ts";

const DEFAULT_TAIL = 200;
const INTERRUPTED = 130;

interface Wanted {
  readonly service?: string;
  readonly instance?: string;
  readonly tail: number;
  readonly follow: boolean;
}

/** Runs the command; with --follow until Ctrl-C. */
export async function logs(context: CommandContext, input: CommandInput): Promise<number> {
  const [name] = input.positionals;
  const wanted: Wanted = {
    ...(name === undefined ? {} : parseInstanceName(name)),
    tail: numberOption(input, "tail", { min: 0, max: 1_000_000 }) ?? DEFAULT_TAIL,
    follow: flagOption(input, "follow"),
  };
  const app = await findApp(context);
  const prefix = createPrefix();
  const show = (line: LogLine): void => context.output.streamed(line, (style) => `${prefix(line, style)} ${line.text}`);
  return app.isRunning ? await showLive(context, app, wanted, show) : showStored(context, app, wanted, show);
}

async function showLive(
  context: CommandContext,
  app: FoundApp,
  wanted: Wanted,
  show: (line: LogLine) => void,
): Promise<number> {
  const control = await connectControl({ ...context, layout: app.layout, patienceMs: CONTROL_PATIENCE_MS });
  if (wanted.service !== undefined) {
    // One that is gone still has its lines.
    const { instances } = requireService(await control.status(), wanted.service);
    const written = instancesWithLogs(app.layout.logs, wanted.service);
    requireInstance(wanted.instance, new Set([...instances.map(({ instance }) => instance), ...written]));
  }
  const interrupted = new AbortController();
  const stopListening = context.interruptions.listen(() => interrupted.abort());
  try {
    for await (const line of control.logs(wanted, interrupted.signal)) show(line);
    return interrupted.signal.aborted ? INTERRUPTED : 0;
  } catch (error) {
    if (interrupted.signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    stopListening();
  }
}

function showStored(
  { output, translate }: CommandContext,
  app: FoundApp,
  wanted: Wanted,
  show: (line: LogLine) => void,
): number {
  const known = servicesWithLogs(app.layout.logs);
  if (wanted.service !== undefined && !known.includes(wanted.service))
    throw unknownService(wanted.service, known, "flyball logs");
  if (wanted.service !== undefined)
    requireInstance(wanted.instance, new Set(instancesWithLogs(app.layout.logs, wanted.service)));
  output.note(translate("logs.stored", { app: app.app }));
  for (const line of readStoredLogs(app.layout.logs, wanted)) show(line);
  return 0;
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
