// Reasons of the referee in the reader's language.
import type { DrillReason, FailedExample, InjectorReason, RequestProblem } from "@flyball/drill";
import { fieldText } from "../messages/field-text.ts";
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
      return translate("drill.reason.app-state", { state: translate(`state.${reason.state}`) });
    case "no-gateway":
      return translate("drill.reason.no-gateway");
    case "incident-open":
      return translate("drill.reason.incident-open", {
        number: reason.number,
        summary: fieldText(reason, "summary", translate),
      });
    case "no-request":
      return translate("drill.reason.no-request");
    case "failing": {
      const { failed, sent, example } = reason;
      return translate("drill.reason.failing", { failed, sent, example: exampleText(example, translate) });
    }
    case "no-victim":
      return translate("drill.reason.no-victim", {
        victim: translate(`drill.victim.${reason.victim}`),
        needs: reason.needs.map((need) => translate(`drill.need.${need}`)).join(", ") || "-",
      });
    case "no-workers":
      return translate("drill.reason.no-workers", reason);
    case "too-loaded":
      return translate("drill.reason.too-loaded", reason);
    case "cannot-inject":
      return injectorText(reason.why, translate);
    case "not-undone":
      return translate("drill.reason.not-undone", { words: reason.words });
    case "broke-off":
      return reason.words;
    case "too-many-failed":
      return translate("drill.reason.too-many-failed", reason);
  }
}

/** Why a fault cannot be made here. */
function injectorText(why: InjectorReason, translate: Translate): string {
  switch (why.code) {
    case "no-process":
    case "process-gone":
    case "no-proxy":
    case "no-address":
      return translate(`drill.why.${why.code}`, { service: why.service });
    case "proxy-silent":
      return translate("drill.why.proxy-silent", { service: why.service, words: why.words });
    case "no-limits":
      return translate("drill.why.no-limits", { words: why.words });
    case "no-program":
      return translate("drill.why.no-program", { program: why.program });
    case "program-fails":
      return translate("drill.why.program-fails", { program: why.program, words: why.words });
    case "no-injector":
      return translate("drill.why.no-injector", { kind: why.kind });
    case "inspector-busy":
      return translate("drill.why.inspector-busy", { port: why.port });
    case "not-node":
    case "no-inspector":
      return translate(`drill.why.${why.code}`, { pid: why.pid });
    case "not-root":
    case "not-a-copy":
    case "no-such-request":
    case "no-lease-keeper":
    case "inspector-closed":
    case "no-worker":
      return translate(`drill.why.${why.code}`);
  }
}

/** `web GET /ask: status 502`. */
function exampleText({ name, status, problem }: FailedExample, translate: Translate): string {
  const parts = [
    ...(status === undefined ? [] : [translate("drill.problem.status", { status })]),
    ...(problem === undefined ? [] : [problemText(problem, translate)]),
  ];
  return `${name}: ${parts.join(", ")}`;
}

function problemText(problem: RequestProblem, translate: Translate): string {
  if (problem.code === "words") return problem.words;
  if (problem.code === "no-end") return translate("drill.problem.no-end", { seconds: problem.seconds });
  return translate(`drill.problem.${problem.code}`);
}
