// `flyball notify test [channel]`: sends a test notice past the queue and says what the other side answered.
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";

/** Runs the command. Exit code 1 when one was not taken. */
export async function notifyTest(context: CommandContext, input: CommandInput): Promise<number> {
  const { translate, output } = context;
  const [channel] = input.positionals;
  const { control } = await openControl(context);
  const { results } = await control.testNotice(channel === undefined ? {} : { channel });
  output.values(results, (style) =>
    results
      .map(({ isDelivered, ...words }) => {
        const line = translate(isDelivered ? "notify.tested" : "notify.test-failed", words);
        return isDelivered ? line : style.red(line);
      })
      .join("\n"),
  );
  return results.every(({ isDelivered }) => isDelivered) ? 0 : 1;
}
