// `flyball down`: ends the app and says what it ended. It works without a valid manifest, without control and without a keeper: what
// carries the app's tag is found and ended in any case.
import { connectKeeper, type KeeperClient } from "@flyball/wire";
import { isFlyballError } from "@flyball/core";
import { type FoundApp, findApp } from "../app/find-app.ts";
import { connectControl } from "../app/open-control.ts";
import { stopApp } from "../app/stop-app.ts";
import { endLeftovers, findLeftovers, type LeftoverProcess } from "../app/tagged-processes.ts";
import type { CommandContext } from "../command-line/command-context.ts";

const CONTROL_PATIENCE_MS = 2_500;

/** Runs the command; 0 also when nothing ran. */
export async function down(context: CommandContext): Promise<number> {
  const app = await findAppOrUndefined(context);
  if (app === undefined) return report(context, undefined, []);
  const before = await findLeftovers(app.app, app.clone);
  const hurry = new AbortController();
  const stopListening = context.interruptions.listen(() => hurry.abort());
  try {
    const keeper = await connectOrUndefined(app);
    if (keeper !== undefined) await stopThroughKeeper(context, app, keeper, hurry.signal);
    const swept = await endLeftovers(app.app, app.clone);
    return report(context, app, mergeByPid(before, swept));
  } finally {
    stopListening();
  }
}

async function stopThroughKeeper(
  context: CommandContext,
  app: FoundApp,
  keeper: KeeperClient,
  hurry: AbortSignal,
): Promise<void> {
  const { clock, output, translate } = context;
  output.note(translate("down.stopping", { app: app.app }));
  const control = await connectControl({ ...context, layout: app.layout, patienceMs: CONTROL_PATIENCE_MS }).catch(
    () => undefined,
  );
  await stopApp({ keeper, control, reason: "flyball down", clock, hurry });
}

function report(
  { output, translate }: CommandContext,
  app: FoundApp | undefined,
  ended: readonly LeftoverProcess[],
): number {
  const name = app?.app ?? null;
  output.value({ app: name, ended }, () => {
    if (app === undefined || ended.length === 0) return translate("down.nothing", { app: name ?? "-" });
    const lines = ended.map(({ pid, instance }) => `  ${instance ?? "?"} (pid ${pid})`);
    return [translate("down.ended", { app: app.app, count: ended.length }), ...lines].join("\n");
  });
  return 0;
}

async function findAppOrUndefined(context: CommandContext): Promise<FoundApp | undefined> {
  try {
    return await findApp(context);
  } catch (error) {
    if (isFlyballError(error, "FB_CLI_NOT_RUNNING")) return undefined;
    throw error;
  }
}

/** A keeper of another protocol version cannot be asked; it is ended like a leftover. */
async function connectOrUndefined(app: FoundApp): Promise<KeeperClient | undefined> {
  try {
    return await connectKeeper({ path: app.layout.keeperSocket, role: "cli", signal: AbortSignal.timeout(3_000) });
  } catch {
    return undefined;
  }
}

function mergeByPid(before: readonly LeftoverProcess[], after: readonly LeftoverProcess[]): readonly LeftoverProcess[] {
  const all = new Map([...before, ...after].map((found) => [found.pid, found]));
  return [...all.values()].toSorted((a, b) => (a.instance ?? "~").localeCompare(b.instance ?? "~") || a.pid - b.pid);
}
