// Plan, apply, wait: from a manifest that was read to an app that stands, or to the reason why it does not.
import type { AppEvent, AppStatus } from "@flyball/core";
import type { AppSession } from "../app/app-session.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import { renderEvent } from "../render/render-event.ts";
import { renderPlan } from "../render/render-plan.ts";
import { renderServices } from "../render/render-services.ts";
import { reachRevision } from "./reach-revision.ts";
import { showReady } from "./show-ready.ts";
import type { AmendedManifest, UpOptions } from "./up-options.ts";

/** What is brought up. */
export interface BringUpOptions {
  readonly context: CommandContext;
  readonly session: AppSession;
  readonly manifest: AmendedManifest;
  readonly options: UpOptions;
  readonly interrupted: AbortSignal;
}

/** What came of it; the events go on for whoever follows. */
export interface BroughtUp {
  /** lost: the app is gone. */
  readonly kind: "ready" | "failed" | "lost";
  readonly events: AsyncIterator<AppEvent>;
  readonly since: number;
}

/** Applies the manifest and waits until its revision is reached or has failed, printing what happens. */
export async function bringUp({
  context,
  session,
  manifest,
  options,
  interrupted,
}: BringUpOptions): Promise<BroughtUp> {
  const { output, translate, clock } = context;
  const { control, keeper, isOwner } = session;
  const style = output.noteStyle;
  const since = clock.now();
  const startedAt = clock.monotonic();
  const running = keeper.keeper.version;
  if (running !== context.version) output.note(translate("up.other-version", { running, own: context.version }));
  if (!isOwner) output.note(renderPlan(await control.plan(manifest.spec), translate, style));
  const applied = await control.apply({
    spec: manifest.spec,
    author: context.userName,
    reason: "up",
    source: {
      path: manifest.path,
      ...(options.target === undefined ? {} : { target: options.target }),
      profiles: options.profiles,
      files: manifest.files,
      amendments: manifest.amendments,
      variables: Object.fromEntries(manifest.usedVariables.map((name) => [name, context.environment[name] ?? null])),
    },
  });
  const ended = new AbortController();
  keeper.onClose(() => ended.abort());
  const events = control.events({ after: 0 }, AbortSignal.any([interrupted, ended.signal]))[Symbol.asyncIterator]();
  const outcome = await reachRevision({
    control,
    applied,
    events,
    since,
    onEvent: (event) => {
      const line = renderEvent(event, translate, style);
      if (line !== "") output.note(line);
    },
  });
  interrupted.throwIfAborted();
  if (outcome.kind !== "reached") {
    showFailure(
      context,
      outcome.kind === "failed" ? outcome.reason : translate("up.lost"),
      await statusOrUndefined(session),
    );
    return { kind: outcome.kind, events, since };
  }
  const status = await control.status();
  const hasChosenModel = options.model !== undefined;
  await showReady(context, { spec: manifest.spec, status, tookMs: clock.monotonic() - startedAt, hasChosenModel });
  return { kind: "ready", events, since };
}

/** The table tells every reason in full; the sentence below it names the first, and the service to look at. */
function showFailure(
  { output, translate, commandName }: CommandContext,
  reason: string,
  status: AppStatus | undefined,
): void {
  const style = output.noteStyle;
  output.note("");
  if (status !== undefined) output.value(status, (dataStyle) => renderServices(status.services, translate, dataStyle));
  const [sentence = ""] = reason.split("\n");
  output.note(`\n${style.red("✗")} ${translate("up.failed", { reason: sentence })}`);
  // Services stand in start order, so the first that is ill is not ill because of another.
  const culprit = status?.services.find(({ state }) => ["failed", "crash-loop", "unhealthy"].includes(state));
  if (culprit !== undefined)
    output.note(`  ${translate("error.try", { command: `${commandName} logs ${culprit.service}` })}`);
  output.note(style.dim("  FB_CONTROL_START_FAILED"));
}

async function statusOrUndefined(session: AppSession): Promise<AppStatus | undefined> {
  try {
    return await session.control.status();
  } catch {
    return undefined;
  }
}
