// `flyball keys usage [key]`: calls, tokens and money by key.
import type { KeyUsage } from "@flyball/core";
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { textOption } from "../command-line/command-input.ts";
import { parseDuration } from "../command-line/parse-duration.ts";
import { withNamedRefusal } from "../keys/refused-name.ts";
import type { Translate } from "../messages/translate.ts";
import { renderTable } from "../output/table.ts";

/** Runs the command. */
export async function keysUsage(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate, clock } = context;
  const [key] = input.positionals;
  const since = Math.round(clock.now()) - parseDuration(textOption(input, "since") ?? "7d", "--since");
  const { control } = await openControl(context);
  const asked = control.keyUsage({ ...(key === undefined ? {} : { key }), since: Math.max(0, since) });
  const { usage, from } = await withNamedRefusal(asked);
  output.values(usage, (style) => {
    if (usage.length === 0) return translate("keys.unused", { from });
    const head = [
      translate("column.key"),
      translate("column.name"),
      translate("column.calls"),
      translate("column.failed"),
      translate("column.input"),
      translate("column.output"),
      "USD",
      "CNY",
    ];
    return renderTable(head, usage.map(rowOf), style);
  });
  if (output.format === "text") for (const note of notesOf(usage, from, translate)) output.note(note);
  return 0;
}

function rowOf(used: KeyUsage): readonly string[] {
  const { key, name, calls, failed, inputTokens, outputTokens, usd, cny } = used;
  const counts = [calls, failed, inputTokens, outputTokens].map(String);
  return [key || "-", name || "-", ...counts, money(usd, used), money(cny, used)];
}

/** `≥`: some of it has no known price. */
function money(microUnits: number, { unpriced }: KeyUsage): string {
  return `${unpriced > 0 ? "≥ " : ""}${(microUnits / 1e6).toFixed(microUnits % 10_000 === 0 ? 2 : 6)}`;
}

function notesOf(usage: readonly KeyUsage[], from: string, translate: Translate): readonly string[] {
  const estimated = usage.reduce((sum, each) => sum + each.estimated, 0);
  const unpriced = usage.reduce((sum, each) => sum + each.unpriced, 0);
  return [
    ...(usage.length > 0 ? [translate("keys.usage-from", { from })] : []),
    ...(estimated > 0 ? [translate("keys.usage-estimated", { count: estimated })] : []),
    ...(unpriced > 0 ? [translate("keys.usage-unpriced", { count: unpriced })] : []),
  ];
}
