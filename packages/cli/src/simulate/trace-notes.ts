// What is said of a trace's rows that could not be used: where each stands and what is wrong, in the reader's language.
import type { Trace } from "@flyball/sim";
import type { Translate } from "../messages/translate.ts";

/** So many bad rows are shown. */
const SHOWN = 5;

/** A wording of the loaders, and how it is said here; numbers and names are taken over in their order. */
type Wording = readonly [pattern: RegExp, say: (translate: Translate, parts: readonly string[]) => string];

const WORDINGS: readonly Wording[] = [
  [/^the header is not known; expected the columns (.+)$/, (say, [columns = ""]) => say("trace.header", { columns })],
  [
    /^(\d+) columns, the header has (\d+)$/,
    (say, [seen = "", expected = ""]) => say("trace.columns", { seen, expected }),
  ],
  [/^the column is missing$/, (say) => say("trace.column")],
  [/^the field is missing$/, (say) => say("trace.field")],
  [/^the file is empty$/, (say) => say("trace.empty")],
  [/^the time is not a number$/, (say) => say("trace.time")],
  [/^the input tokens are not a whole number from 0$/, (say) => say("trace.input")],
  [/^the output tokens are not a whole number from 0$/, (say) => say("trace.output")],
  [/^neither a journal line nor JSON$/, (say) => say("trace.no-journal")],
  [/^not a record of the ledger$/, (say) => say("trace.no-record")],
  [/^not JSON$/, (say) => say("trace.no-json")],
  [/^not a JSON object$/, (say) => say("trace.no-object")],
  [/^hash_ids is not a list of whole numbers$/, (say) => say("trace.hash-ids")],
  [
    /^(\d+) hash_ids are too few for (\d+) input tokens$/,
    (say, [seen = "", tokens = ""]) => say("trace.few-ids", { seen, tokens }),
  ],
];

/** One line a bad row (the first few), and how many rows were left out on purpose. Empty for a clean trace. */
export function traceNotes(trace: Trace, translate: Translate): readonly string[] {
  const shown = trace.problems.slice(0, SHOWN).map(({ file, line, field, seen, reason }) => {
    const where = field === undefined ? `${file}:${line}` : `${file}:${line}: ${field}`;
    const what = sayReason(reason, translate);
    return seen === undefined
      ? `! ${where}: ${what}`
      : `! ${translate("trace.seen", { where, what, seen: seen === "" ? '""' : seen })}`;
  });
  const skipped = Object.entries(trace.skipped).map(([reason, count]) => `${reason} ${count}`);
  return [...shown, ...(skipped.length > 0 ? [translate("trace.skipped", { reasons: skipped.join(", ") })] : [])];
}

/** A loader's reason in the reader's language; one that is not known here stays as it is. */
export function sayReason(reason: string, translate: Translate): string {
  for (const [pattern, say] of WORDINGS) {
    const match = pattern.exec(reason);
    if (match !== null) return say(translate, match.slice(1));
  }
  return reason;
}
