// The audit trail as a table: who did what to what, when, why, and what was typed for it. The whole difference is in the JSON forms.
import { AUDIT_ACTIONS, type AuditAction, type AuditRecord } from "@flyball/core";
import { fieldText } from "../messages/field-text.ts";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { formatMoment } from "./moment.ts";

/** The list, in the order of the entries. */
export function renderAudit(entries: readonly AuditRecord[], translate: Translate, style: Style): string {
  if (entries.length === 0) return translate("audit.none");
  const head = [
    translate("audit.when"),
    translate("audit.who"),
    translate("audit.action"),
    translate("column.subject"),
    translate("column.reason"),
    translate("audit.command"),
  ];
  const rows = entries.map((entry) => [
    formatMoment(entry.at),
    entry.actor,
    isKnown(entry.action) ? translate(`audit-action.${entry.action}`) : entry.action,
    subjectOf(entry, translate),
    fieldText(entry, "reason", translate).split("\n")[0] || "-",
    entry.command ?? "-",
  ]);
  return renderTable(head, rows, style);
}

function isKnown(action: string): action is AuditAction {
  return AUDIT_ACTIONS.some((known) => known === action);
}

/** What was changed, as far as one line has room for it. The difference is plain data of another program, perhaps of another version. */
function subjectOf({ action, difference }: AuditRecord, translate: Translate): string {
  if (Array.isArray(difference)) return listOf(difference.map(nameOf), translate);
  if (!isRecord(difference)) return "-";
  const { after, before, field, value, service, instance } = difference;
  if (typeof field === "string") return action === "override-write" ? `${field} = ${JSON.stringify(value)}` : field;
  if (isRecord(after)) return nameOf(after);
  if (isRecord(before)) return nameOf(before);
  return nameOf(instance ?? service);
}

function listOf(names: readonly string[], translate: Translate): string {
  const [first] = names;
  if (first === undefined) return "-";
  return names.length === 1 ? first : translate("audit.and-more", { first, count: names.length - 1 });
}

/** A name of its own, else the path of a change, else an id. */
function nameOf(value: unknown): string {
  if (typeof value === "string") return value || "-";
  if (!isRecord(value)) return "-";
  const named = [value["name"], value["path"], value["id"]].find((each) => typeof each === "string" && each !== "");
  return typeof named === "string" ? named : "-";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
