// `flyball history`: the revisions of the app, newest first.
import type { RevisionSummary } from "@flyball/core";
import { withRecords } from "../app/open-records.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import { renderTable } from "../output/table.ts";
import { fieldText } from "../messages/field-text.ts";
import { formatMoment } from "../render/moment.ts";

/** Runs the command. */
export async function history(context: CommandContext): Promise<number> {
  const { translate, output } = context;
  const { revisions, current } = await withRecords(context, (records) => records.revisions());
  const newestFirst = revisions.toSorted((a, b) => b.number - a.number);
  const row = (revision: RevisionSummary): readonly string[] => [
    String(revision.number),
    revision.number === current ? `✓ ${translate("history.current")}` : "",
    formatMoment(revision.createdAt),
    revision.author,
    fieldText(revision, "reason", translate),
    revision.hash.slice(0, 12),
  ];
  const head = [
    translate("column.number"),
    "",
    translate("column.written"),
    translate("column.author"),
    translate("column.reason"),
    translate("column.hash"),
  ];
  const values = newestFirst.map((revision) => ({ ...revision, isCurrent: revision.number === current }));
  output.values(values, (style) => renderTable(head, newestFirst.map(row), style));
  return 0;
}
