// Tells what happens to an app until it ends or the command is interrupted.
import type { AppEvent } from "@flyball/core";
import type { AppSession } from "../app/app-session.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import { renderEvent } from "../render/render-event.ts";

/** What to follow. */
export interface FollowAppOptions {
  readonly context: CommandContext;
  readonly session: AppSession;
  readonly events: AsyncIterator<AppEvent>;
  /** Wall time; older events have been told. */
  readonly since: number;
  readonly interrupted: AbortSignal;
}

/** Resolves with the exit code once the app has ended: 0 when it was asked to, 1 when its keeper vanished. */
export async function followApp({ context, session, events, since, interrupted }: FollowAppOptions): Promise<number> {
  const { output, translate, commandName } = context;
  let wasAsked = false;
  for (;;) {
    const next = await events.next();
    if (next.done === true) break;
    const event = next.value;
    if (event.event === "app-stopping") wasAsked = true;
    // What stops in order is not to be told as a fault.
    const isPartOfStopping = wasAsked && event.event === "gateway-state";
    if (event.at >= since && !isPartOfStopping) output.streamed(event, (style) => renderEvent(event, translate, style));
  }
  interrupted.throwIfAborted();
  if (wasAsked) {
    output.note(translate("up.ended"));
    return 0;
  }
  output.note(
    translate("up.keeper-vanished", { path: session.record.layout.keeperLog, command: `${commandName} down` }),
  );
  return 1;
}
