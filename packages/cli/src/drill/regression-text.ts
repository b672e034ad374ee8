// What became worse, in words.
import type { Regression } from "@flyball/drill";
import type { Translate } from "../messages/translate.ts";
import { durationText, figureText } from "../render/number-text.ts";

const TIMES = new Set(["detect", "traffic", "capacity"]);

/** `crash: traffic FRT 400 ms, usually 100 ms`. */
export function regressionText(regression: Regression, translate: Translate): string {
  const fault = regression.fault ?? translate("drill.empty-run");
  if (regression.kind === "target")
    return translate("drill.worse-target", { fault, what: translate(`drill.target.${regression.target}`) });
  const { figure, usual, now } = regression;
  const text = (value: number): string => (TIMES.has(figure) ? durationText(value) : figureText(value));
  return translate("drill.worse-figure", {
    fault,
    what: translate(`drill.figure.${figure}`),
    now: text(now),
    usual: text(usual),
  });
}
