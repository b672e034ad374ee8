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
  const missing = missingParts(status, revision, translate).join("; ");
  return localisedError(
    "FB_CLI_TIMED_OUT",
    { what: localText("up.reaching-revision", { revision }), remedy: localText("up.still-missing", { missing }) },
    { timeoutSeconds: limitMs / 1_000 },
  );
}

function missingParts(status: AppStatus | undefined, revision: number, translate: Translate): readonly string[] {
  if (status === undefined) return [translate("up.missing-control")];
  const missing = status.services
    .filter(({ state }) => !["ready", "completed", "stopped"].includes(state))
    .map((service) => {
      const [reason] = (fieldText(service, "reason", translate) ?? "").split("\n");
      const state = stateWord(service.state, translate, plainStyle);
      return `${service.service} ${state}${reason === "" ? "" : ` (${reason})`}`;
    });
  const parts = [...missing, ...missingReplacements(status, revision, translate)];
  return parts.length > 0 ? parts : [translate("up.missing-gateway")];
}

/** A service is ready as long as its old instances serve; what does not become ready is the new one beside them. */
function missingReplacements(status: AppStatus, revision: number, translate: Translate): readonly string[] {
  return status.services
    .filter(({ state }) => state === "ready")
    .flatMap(({ instances }) => instances)
    .filter((instance) => instance.revision >= revision && instance.state !== "ready")
    .map((instance) => {
      const [reason] = (fieldText(instance, "reason", translate) ?? "").split("\n");
      const state = stateWord(instance.state, translate, plainStyle);
      const text = translate("up.missing-replacement", { instance: instance.instance, revision, state });
      return reason === "" ? text : `${text} (${reason})`;
    });
}
