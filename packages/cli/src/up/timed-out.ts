// The error for a revision that took too long. "Timed out" alone helps nobody, so it names everything that is not there yet, and why.
import type { AppStatus, FlyballError } from "@flyball/core";
import { fieldText } from "../messages/field-text.ts";
import { localisedError, localText } from "../messages/localised-error.ts";
import type { Translate } from "../messages/translate.ts";
import { plainStyle } from "../output/style.ts";
import { stateWord } from "../render/state-word.ts";

/** FB_CLI_TIMED_OUT; `status` is the state at the end of the wait, undefined when control did not answer. */
export function timedOut(
  status: AppStatus | undefined,
  facts: { readonly revision: number; readonly limitMs: number; readonly translate: Translate },
): FlyballError {
  const { revision, limitMs, translate } = facts;
  const missing = missingParts(status, translate).join("; ");
  return localisedError(
    "FB_CLI_TIMED_OUT",
    { what: localText("up.reaching-revision", { revision }), remedy: localText("up.still-missing", { missing }) },
    { timeoutSeconds: limitMs / 1_000 },
  );
}

function missingParts(status: AppStatus | undefined, translate: Translate): readonly string[] {
  if (status === undefined) return [translate("up.missing-control")];
  const missing = status.services
    .filter(({ state }) => !["ready", "completed", "stopped"].includes(state))
    .map((service) => {
      const [reason] = (fieldText(service, "reason", translate) ?? "").split("\n");
      const state = stateWord(service.state, translate, plainStyle);
      return `${service.service} ${state}${reason === "" ? "" : ` (${reason})`}`;
    });
  return missing.length > 0 ? missing : [translate("up.missing-gateway")];
}
