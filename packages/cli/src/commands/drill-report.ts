// `flyball drill report`: the last drills of this app, and what became worse in the newest of them.
import { findRegressions } from "@flyball/drill";
import { readManifest } from "../app/read-manifest.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { numberOption } from "../command-line/command-input.ts";
import { drillTable, verdictText } from "../drill/drill-text.ts";
import { keptDrills, layoutOf } from "../drill/history.ts";
import { regressionText } from "../drill/regression-text.ts";
import { renderTable } from "../output/table.ts";
import { formatMoment } from "../render/moment.ts";

const SHOWN = 5;
const COMPARED = 20;

/** Runs the command; 1 when the newest drill is worse than the ones before. */
export async function drillReport(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate } = context;
  const limit = numberOption(input, "limit", { min: 1, max: 200 }) ?? SHOWN;
  const kept = keptDrills(layoutOf(context, await readManifest(context)), Math.max(limit, COMPARED));
  const [latest, ...before] = kept;
  const regressions = latest === undefined ? [] : findRegressions(latest, before);
  output.value({ drills: kept.slice(0, limit), regressions }, (style) => {
    if (latest === undefined) return translate("drill.no-history");
    const rows = kept.slice(0, limit).flatMap(({ setting, summaries }) => {
      const table = drillTable(summaries, translate);
      return table.rows.map((row, index) => {
        const summary = summaries[index];
        const verdict = summary === undefined ? "" : verdictText(summary, translate);
        return [formatMoment(setting.at), ...row.slice(0, -1), verdict];
      });
    });
    const { head } = drillTable([], translate);
    const worse = regressions.map((each) => `${style.red("✗")} ${regressionText(each, translate)}`);
    const compared =
      before.length === 0
        ? translate("drill.nothing-before")
        : `${style.green("✓")} ${translate("drill.nothing-worse")}`;
    return [
      renderTable([translate("drill.column.when"), ...head], rows, style),
      "",
      ...(worse.length === 0 ? [compared] : worse),
    ].join("\n");
  });
  return regressions.length === 0 ? 0 : 1;
}
