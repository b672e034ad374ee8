// Plan, apply, wait: from a manifest that was read to an app that stands, or to the reason why it does not.
import type { AppEvent, AppStatus, FlyballError } from "@flyball/core";
import type { AppSession } from "../app/app-session.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import { fieldText } from "../messages/field-text.ts";
import { renderEvent } from "../render/render-event.ts";
import { renderPlan } from "../render/render-plan.ts";
import { renderRefusal } from "../render/render-refusal.ts";
import { renderServices } from "../render/render-services.ts";
import { reachRevision, type RevisionOutcome } from "./reach-revision.ts";
import { showReady } from "./show-ready.ts";
import { timedOut } from "./timed-out.ts";
import type { AmendedManifest, UpOptions } from "./up-options.ts";
import { waitLimitOf } from "./wait-limit.ts";

/** What is brought up. */
export interface BringUpOptions {
  readonly context: CommandContext;
  readonly session: AppSession;
  readonly manifest: AmendedManifest;
  readonly options: UpOptions;
  readonly interrupted: AbortSignal;
}

/** What came of it; the events go on for whoever follows. */
export type BroughtUp = { readonly events: AsyncIterator<AppEvent>; readonly since: number } & (
  | { readonly kind: "ready" | "failed" }
  /** What was served before goes on. */
  | { readonly kind: "refused" }
  /** The app is gone. */
  | { readonly kind: "lost" }
  | { readonly kind: "timed-out"; readonly error: FlyballError }
);

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
  const limit = waitLimitOf(manifest.spec, options.timeoutMs);
  const outcome = await reachRevision({
    control,
    applied,
    events,
    since,
    clock,
    limit,
    onEvent: (event) => {
      // A refusal is shown at the end, below the table.
      if (event.event === "snapshot-refused") return;
      const line = renderEvent(withoutOwnPlan(event, applied.revision.number), translate, style);
      if (line !== "") output.note(line);
    },
  });
  interrupted.throwIfAborted();
  if (outcome.kind === "timed-out") {
    showTable(context, outcome.status);
    const facts = { revision: applied.revision.number, limitMs: limit.limitMs, translate };
    return { kind: "timed-out", error: timedOut(outcome.status, facts), events, since };
  }
  if (outcome.kind !== "reached") {
    showFailure(context, { outcome, status: await statusOrUndefined(session), revision: applied.revision.number });
    return { kind: outcome.kind, events, since };
  }
  const status = await control.status();
  const hasChosenModel = options.model !== undefined;
  await showReady(context, { spec: manifest.spec, status, tookMs: clock.monotonic() - startedAt, hasChosenModel });
  return { kind: "ready", events, since };
}

/** The plan of this command's own revision was shown before it was done. */
function withoutOwnPlan(event: AppEvent, revision: number): AppEvent {
  if (event.event !== "revision-written" || event.revision !== revision) return event;
  const { plan: _plan, ...rest } = event;
  return rest;
}

/** The table tells every reason in full; the sentence below it names the first, and the service to look at. */
function showFailure(
  context: CommandContext,
  facts: {
    readonly outcome: Exclude<RevisionOutcome, { kind: "reached" | "timed-out" }>;
    readonly status: AppStatus | undefined;
    readonly revision: number;
  },
): void {
  const { outcome, status, revision } = facts;
  const { output, translate, commandName } = context;
  const style = output.noteStyle;
  showTable(context, status);
  if (outcome.kind === "refused") {
    output.note(`\n${renderRefusal(outcome.refusal, translate, style)}`);
    return;
  }
  const reason = outcome.kind === "lost" ? translate("up.lost") : fieldText(outcome.failure, "reason", translate);
  const [sentence = "", ...details] = reason.split("\n");
  // Services stand in start order, so the first that is ill is not ill because of another.
  const culprit = status?.services.find(({ state }) => ["failed", "crash-loop", "unhealthy"].includes(state));
  if (status?.state === "degraded" && culprit === undefined) {
    // The instances of the revision before serve, so the table is well and says nothing of the reason.
    output.note(`\n${style.red("✗")} ${translate("up.not-reached", { revision, reason: sentence })}`);
    for (const line of details) output.note(`  ${line}`);
  } else {
    output.note(`\n${style.red("✗")} ${translate("up.failed", { reason: sentence })}`);
    if (culprit !== undefined)
      output.note(`  ${translate("error.try", { command: `${commandName} logs ${culprit.service}` })}`);
  }
  output.note(style.dim("  FB_CONTROL_START_FAILED"));
}

function showTable({ output, translate }: CommandContext, status: AppStatus | undefined): void {
  output.note("");
  if (status !== undefined) output.value(status, (style) => renderServices(status.services, translate, style));
}

async function statusOrUndefined(session: AppSession): Promise<AppStatus | undefined> {
  try {
    return await session.control.status();
  } catch {
    return undefined;
  }
}
