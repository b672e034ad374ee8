// The texts of control in Chinese for a process that may need them later: they are loaded beside its start, not in its way.
import type { ComposedText } from "@flyball/core";
import { createComposedTranslate } from "../messages/translate-composed.ts";

/** Says a text in Chinese; undefined for one that is not known, and in the first moments. */
export function loadChinese(): (text: ComposedText) => string | undefined {
  let say: ((text: ComposedText) => string | undefined) | undefined;
  void Promise.all([import("../messages/zh-control.ts"), import("../messages/zh-errors.ts")]).then(
    ([{ zhControl }, { zhErrors }]) => {
      say = createComposedTranslate({ control: zhControl, errors: zhErrors });
    },
  );
  return (text) => say?.(text);
}
