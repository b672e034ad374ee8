// `flyball up`: brings the app to what the manifest says. In the foreground it then tells what happens until Ctrl-C ends everything; an
// app that ran before this command is only followed.
import type { ControlClient } from "@flyball/client";
import type { KeeperClient } from "@flyball/wire";
import { type AppSession, openSession } from "../app/app-session.ts";
import { stopApp } from "../app/stop-app.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { bringUp } from "../up/bring-up.ts";
import { followApp } from "../up/follow-app.ts";
import { takeBackFaults } from "../up/take-back-faults.ts";
import { type AmendedManifest, parseUpOptions, readAmended, type UpOptions } from "../up/up-options.ts";

const REFUSED = 1;
const UNHEALTHY = 3;
const INTERRUPTED = 130;

/** What is known so far, for the moment when Ctrl-C comes. */
interface Progress {
  keeper?: KeeperClient;
  isOwner: boolean;
  control?: ControlClient;
  readonly onKeeper: () => void;
}

/** Runs the command. */
export async function up(context: CommandContext, input: CommandInput): Promise<number> {
  const options = parseUpOptions(input);
  const manifest = await readAmended(context, options);
  const interrupted = new AbortController();
  const hurry = new AbortController();
  const keeperIsKnown = Promise.withResolvers<void>();
  const progress: Progress = { isOwner: false, onKeeper: keeperIsKnown.resolve };
  const stopListening = context.interruptions.listen((count) => (count === 1 ? interrupted : hurry).abort());
  try {
    const running = work({ context, options, manifest, interrupted: interrupted.signal, progress });
    const outcome = await raceInterruption(running, interrupted.signal);
    if (outcome !== "interrupted") return outcome;
    // A keeper that was started but does not answer yet is waited for: nobody else would end it.
    await Promise.race([keeperIsKnown.promise, running.catch(() => undefined)]);
    return await endAfterInterruption(context, progress, hurry.signal);
  } finally {
    stopListening();
    progress.keeper?.close();
  }
}

interface Work {
  readonly context: CommandContext;
  readonly options: UpOptions;
  readonly manifest: AmendedManifest;
  readonly interrupted: AbortSignal;
  readonly progress: Progress;
}

async function work({ context, options, manifest, interrupted, progress }: Work): Promise<number> {
  const { translate, output } = context;
  output.note(translate("up.starting", { app: manifest.spec.name, path: manifest.path }));
  const session = await openSession({
    context,
    manifest,
    isForeground: !options.isDetached,
    onKeeper(keeper, isOwner) {
      Object.assign(progress, { keeper, isOwner });
      progress.onKeeper();
    },
  });
  progress.control = session.control;
  const faults = await takeBackFaults(session.record.layout, context.clock.now());
  if (faults.length > 0) output.note(translate("drill.left-undone", { faults: faults.join(", ") }));
  const brought = await bringUp({ context, session, manifest, options, interrupted });
  const isKept = brought.kind === "failed" && session.isOwner && !options.isDetached;
  if (brought.kind !== "ready" && !isKept) {
    await endAfterFailure(context, session, options);
    if (brought.kind === "timed-out") throw brought.error;
    return brought.kind === "refused" ? REFUSED : UNHEALTHY;
  }
  if (options.isDetached) {
    if (session.isOwner) await session.keeper.call("detach", {});
    output.note(translate("up.detached", { command: `${context.commandName} down` }));
    return 0;
  }
  const ending = session.isOwner ? "up.follow-owner" : "up.follow-guest";
  output.note(`\n${translate(isKept ? "up.follow-failed" : ending)}`);
  return await followApp({ context, session, events: brought.events, since: brought.since, interrupted });
}

/** Detached, or followed by a guest: what runs stays to be looked at. In the foreground the app ends with its command. */
async function endAfterFailure(context: CommandContext, session: AppSession, options: UpOptions): Promise<void> {
  const { translate, output, clock, commandName } = context;
  if (!session.isOwner || options.isDetached) {
    if (session.isOwner) await session.keeper.call("detach", {});
    output.note(translate("up.left-running", { status: `${commandName} status`, down: `${commandName} down` }));
    return;
  }
  output.note(translate("up.stopping"));
  await stopApp({
    keeper: session.keeper,
    control: session.control,
    reason: "start failed",
    clock,
    hurry: new AbortController().signal,
  });
}

async function endAfterInterruption(context: CommandContext, progress: Progress, hurry: AbortSignal): Promise<number> {
  const { translate, output, clock } = context;
  const { keeper, control, isOwner } = progress;
  if (keeper === undefined) return INTERRUPTED;
  if (!isOwner) {
    output.note(translate("up.stopped-following"));
    return INTERRUPTED;
  }
  output.note(`\n${translate("up.stopping")} ${translate("up.hurry-hint")}`);
  await stopApp({ keeper, control, reason: "interrupted", clock, hurry });
  output.note(translate("up.ended"));
  return INTERRUPTED;
}

/** The work's result, or `interrupted` as soon as the signal comes; what the work still throws then is of no interest. */
async function raceInterruption(running: Promise<number>, signal: AbortSignal): Promise<number | "interrupted"> {
  const interruption = new Promise<"interrupted">((resolve) => {
    signal.addEventListener("abort", () => resolve("interrupted"), { once: true });
  });
  const guarded = running.catch((error: unknown) => {
    if (signal.aborted) return "interrupted" as const;
    throw error;
  });
  return await Promise.race([guarded, interruption]);
}
