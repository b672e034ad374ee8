// What the referee says, as lines of progress.
import type { PlannedRun, RefereeWord } from "@flyball/drill";
import type { Translate } from "../messages/translate.ts";
import { reasonText } from "./reason-text.ts";

/** One line; empty for what is not worth one. */
export function wordText(word: RefereeWord, planned: readonly PlannedRun[], translate: Translate): string {
  const place = (index: number): { readonly number: number; readonly fault: string } => ({
    number: index + 1,
    fault: planned.find((run) => run.index === index)?.fault?.id ?? translate("drill.empty-run"),
  });
  switch (word.word) {
    case "phase":
      if (word.phase === "load") return translate("drill.phase.load", place(word.index));
      if (word.phase === "injected")
        return translate("drill.phase.injected", { ...place(word.index), victim: word.detail });
      return "";
    case "run": {
      const { outcome, index } = word.run;
      return outcome.kind === "measured"
        ? translate("drill.phase.measured", place(index))
        : translate(`drill.phase.${outcome.kind}`, { ...place(index), reason: reasonText(outcome.reason, translate) });
    }
    case "failure":
      return translate("drill.phase.failure", { ...place(word.index), reason: reasonText(word.reason, translate) });
    case "change":
    case "end":
      return "";
  }
}
