// `flyball keys` and `flyball keys list`: the keys that people made, newest first, and why those that do not work do not.
import { EVERY_MODEL, type KeyStatus } from "@flyball/core";
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { flagOption } from "../command-line/command-input.ts";
import { describeLimits } from "../keys/describe-limits.ts";
import { fieldText } from "../messages/field-text.ts";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { formatMoment } from "../render/moment.ts";

/** Runs the command. */
export async function keys(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate } = context;
  const { control } = await openControl(context);
  const all = (await control.keys()).keys;
  const shown = flagOption(input, "all") ? all : all.filter(({ state }) => state !== "revoked");
  output.values(shown, (style) => render(shown, translate, style));
  if (output.format === "text" && shown.length < all.length) {
    output.note(translate("keys.left-out", { count: all.length - shown.length }));
  }
  return 0;
}

function render(shown: readonly KeyStatus[], translate: Translate, style: Style): string {
  if (shown.length === 0) return translate("keys.none");
  const head = [
    translate("column.id"),
    translate("column.name"),
    translate("column.prefix"),
    translate("column.state"),
    translate("column.tenant"),
    translate("column.models"),
    translate("column.limits"),
    translate("column.expires"),
  ];
  const row = (key: KeyStatus): readonly string[] => [
    key.id,
    key.name || "-",
    key.prefix,
    stateWord(key.state, translate, style),
    key.tenant ?? "-",
    key.models.includes(EVERY_MODEL) ? translate("keys.every-model") : key.models.join(", "),
    describeLimits(key.limits).join(", ") || "-",
    key.expiresAt === undefined ? "-" : formatMoment(key.expiresAt),
  ];
  return [renderTable(head, shown.map(row), style), ...shown.flatMap((key) => remarks(key, translate))].join("\n");
}

function stateWord(state: KeyStatus["state"], translate: Translate, style: Style): string {
  const word = translate(`key-state.${state}`);
  return state === "live" ? style.green(`✓ ${word}`) : style.red(`✗ ${word}`);
}

function remarks(key: KeyStatus, translate: Translate): readonly string[] {
  const name = key.name || key.id;
  const reason = fieldText(key, "reason", translate);
  return [
    ...(reason === undefined ? [] : [`${name}: ${reason}`]),
    ...(key.routes === undefined
      ? []
      : [`${name}: ${translate("keys.only-routes", { routes: key.routes.join(", ") })}`]),
    ...key.earlierValues.map(
      ({ prefix, until }) => `${name}: ${translate("keys.earlier", { prefix, until: formatMoment(until) })}`,
    ),
  ];
}
