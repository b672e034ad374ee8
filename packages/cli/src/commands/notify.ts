// `flyball notify`: the channels that people are told by, and how each fares.
import { openControl } from "../app/open-control.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import { renderChannels } from "../render/render-channels.ts";

/** Runs the command. Exit code 3 when a channel fails. */
export async function notify(context: CommandContext): Promise<number> {
  const { control } = await openControl(context);
  const { notices = [] } = await control.status();
  context.output.values(notices, (style) => renderChannels(notices, context.translate, style));
  return notices.some(({ state }) => state === "fails") ? 3 : 0;
}
