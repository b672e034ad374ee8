// `flyball drill list`: the faults that ship.
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { readCatalogue } from "../drill/catalogue.ts";
import { renderTable } from "../output/table.ts";
import { durationText } from "../render/number-text.ts";

/** Runs the command. */
export async function drillList(context: CommandContext, _input: CommandInput): Promise<number> {
  const { output, translate, language } = context;
  const faults = await readCatalogue();
  const bound = (milliseconds: number | undefined): string =>
    milliseconds === undefined ? "-" : durationText(milliseconds);
  output.values(faults, (style) =>
    renderTable(
      [
        translate("drill.column.fault"),
        translate("drill.column.what"),
        translate("drill.column.victim"),
        translate("drill.column.needs"),
        translate("drill.column.detect"),
        translate("drill.column.traffic"),
        translate("drill.column.capacity"),
      ],
      faults.map(({ id, title, victim, needs, expect }) => [
        id,
        title[language],
        translate(`drill.victim.${victim}`),
        needs.map((need) => translate(`drill.need.${need}`)).join(", ") || "-",
        bound(expect.detectMs),
        bound(expect.trafficMs),
        bound(expect.capacityMs),
      ]),
      style,
    ),
  );
  return 0;
}
