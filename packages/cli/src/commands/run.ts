// `flyball run <service> [command...]`: a one-off in a service's environment. Its output is shown and its exit code becomes ours; the
// keeper tells of its end, so the code is known even when control is restarted meanwhile.
import { constants } from "node:os";
import type { ControlClient } from "@flyball/client";
import { appTag, type ExitStatus } from "@flyball/core";
import { connectKeeper, type KeeperClient } from "@flyball/wire";
import type { FoundApp } from "../app/find-app.ts";
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { listOption } from "../command-line/command-input.ts";
import { requireService } from "../command-line/require-service.ts";
import { usageError } from "../messages/localised-error.ts";

const INTERRUPTED = 130;
const ALL_LINES = 1_000_000;

/** Runs the command. */
export async function run(context: CommandContext, input: CommandInput): Promise<number> {
  const [service = "", ...command] = input.positionals;
  const environment = parseAssignments(listOption(input, "env"));
  const { app, control } = await openControl(context);
  requireService(await control.status(), service);
  const keeper = await connectKeeper({ path: app.layout.keeperSocket, role: "cli" });
  const interrupted = new AbortController();
  const stopListening = context.interruptions.listen(() => interrupted.abort());
  try {
    const ends = watchEnds(keeper);
    await keeper.call("watch", {});
    const { tag } = await control.run({
      service,
      ...(command.length === 0 ? {} : { command }),
      ...(Object.keys(environment).length === 0 ? {} : { environment }),
    });
    interrupted.signal.addEventListener("abort", () => void keeper.call("signal", { tag, signal: "SIGTERM" }), {
      once: true,
    });
    const exit = await showUntilEnd({ context, app, control, tag, ended: ends.of(tag) });
    return interrupted.signal.aborted ? INTERRUPTED : exitCodeOf(exit);
  } finally {
    stopListening();
    keeper.close();
  }
}

/** Ends of processes by tag; one that came before it was asked for is kept. */
function watchEnds(keeper: KeeperClient): { of(tag: string): Promise<ExitStatus | undefined> } {
  const seen = new Map<string, ExitStatus | undefined>();
  const waiting = new Map<string, (exit: ExitStatus | undefined) => void>();
  keeper.onEvent((event) => {
    if (event.event !== "process-exited") return;
    seen.set(event.data.tag, event.data.exit);
    waiting.get(event.data.tag)?.(event.data.exit);
  });
  return {
    of: (tag) =>
      new Promise((resolve) => {
        if (seen.has(tag)) resolve(seen.get(tag));
        waiting.set(tag, resolve);
        keeper.onClose(() => resolve(undefined));
      }),
  };
}

interface Showing {
  readonly context: CommandContext;
  readonly app: FoundApp;
  readonly control: ControlClient;
  readonly tag: string;
  readonly ended: Promise<ExitStatus | undefined>;
}

/** Follows the output, and once the process has ended reads what the following may have missed. */
async function showUntilEnd({ context, app, control, tag, ended }: Showing): Promise<ExitStatus | undefined> {
  const instance = tag.slice(appTag(app.app, app.clone).length + 1);
  const query = { service: instance.slice(0, instance.lastIndexOf("/")), instance, tail: ALL_LINES };
  const stop = new AbortController();
  let shown = 0;
  const show = (line: { readonly text: string }): void => {
    shown += 1;
    context.output.streamed(line, () => line.text);
  };
  const following = (async () => {
    for await (const line of control.logs({ ...query, follow: true }, stop.signal)) show(line);
  })().catch(() => undefined);
  const exit = await ended;
  stop.abort();
  await following;
  const all: { readonly text: string }[] = [];
  for await (const line of control.logs({ ...query, follow: false })) all.push(line);
  for (const line of all.slice(shown)) show(line);
  return exit;
}

function exitCodeOf(exit: ExitStatus | undefined): number {
  if (exit === undefined) return 1;
  if (exit.code !== null) return exit.code;
  const number = exit.signal === null ? undefined : constants.signals[exit.signal as NodeJS.Signals];
  return number === undefined ? 1 : 128 + number;
}

/** `NAME=value` pairs; FB_CLI_USAGE for anything else. */
export function parseAssignments(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text.slice(0, Math.max(0, equals))))
        throw usageError("usage.assignment", { seen: text });
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}
