// Reasons of the referee in the reader's language.
import type { DrillReason } from "@flyball/drill";
import type { Translate } from "../messages/translate.ts";
import { durationText } from "../render/number-text.ts";

/** One sentence part. */
export function reasonText(reason: DrillReason, translate: Translate): string {
  switch (reason.code) {
    case "late": {
      const { lagMs, limitMs } = reason;
      return translate("drill.reason.late", { lag: durationText(lagMs), limit: durationText(limitMs) });
    }
    case "stolen":
      return translate("drill.reason.stolen", { percent: reason.percent.toFixed(1), limit: reason.limit });
    case "not-ready":
      return translate("drill.reason.not-ready", reason);
    case "app-state":
      return translate("drill.reason.app-state", reason);
    case "no-gateway":
      return translate("drill.reason.no-gateway");
    case "incident-open":
      return translate("drill.reason.incident-open", reason);
    case "no-request":
      return translate("drill.reason.no-request");
    case "failing":
      return translate("drill.reason.failing", reason);
    case "no-victim":
      return translate("drill.reason.no-victim", reason);
    case "no-workers":
      return translate("drill.reason.no-workers", reason);
    case "too-loaded":
      return translate("drill.reason.too-loaded", reason);
    case "cannot-inject":
      return reason.why;
    case "too-many-failed":
      return translate("drill.reason.too-many-failed", reason);
  }
}
