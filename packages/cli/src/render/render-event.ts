// One line for each event of the app, in the language of the reader. Routine steps of an instance (pending, draining) are left out of
// the text; `-o ndjson` has them all.
import { type AppEvent, assertNever } from "@flyball/core";
import { fieldText } from "../messages/field-text.ts";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { formatDuration } from "./duration.ts";
import { formatTime } from "./moment.ts";
import { listenerName } from "./listener-name.ts";
import { renderExit } from "./render-exit.ts";
import { renderPlan } from "./render-plan.ts";
import { renderRefusal } from "./render-refusal.ts";
import { stateWord } from "./state-word.ts";

/** The line, or an empty text for an event that only scripts need. */
export function renderEvent(event: AppEvent, translate: Translate, style: Style): string {
  const words = wordsOf(event, translate, style);
  return words === "" ? "" : `${style.dim(formatTime(event.at))}  ${words}`;
}

function wordsOf(event: AppEvent, translate: Translate, style: Style): string {
  switch (event.event) {
    case "instance-preempted":
      return style.yellow(
        translate("event.instance-preempted", {
          instance: event.instance,
          reason: firstLine(fieldText(event, "reason", translate)),
        }),
      );
    case "instance-state":
    case "service-state":
    case "instance-exited":
      return stateWords(event, translate, style);
    case "incident-opened":
      return style.red(
        `✗ ${translate("event.incident-opened", { number: event.number, summary: fieldText(event, "summary", translate) })}`,
      );
    case "incident-recovered":
      return style.green(
        `✓ ${translate("event.incident-recovered", {
          number: event.number,
          summary: fieldText(event, "summary", translate),
          total: formatDuration(event.totalMs),
          detection: formatDuration(event.detectionMs),
          recovery: formatDuration(Math.max(0, event.totalMs - event.detectionMs)),
        })}`,
      );
    case "listener-moved":
      return event.holder === undefined
        ? translate("listener.moved", { id: listenerName(event.id), wished: event.wishedPort, port: event.port })
        : translate("listener.moved-holder", {
            id: listenerName(event.id),
            wished: event.wishedPort,
            port: event.port,
            holder: event.holder,
          });
    case "gateway-state":
      return event.state === "connected"
        ? translate("event.gateway-connected")
        : style.yellow(translate("event.gateway-lost"));
    case "app-stopping":
      return translate("event.app-stopping", { reason: fieldText(event, "reason", translate) });
    case "revision-written":
    case "revision-reached":
    case "revision-failed":
    case "snapshot-refused":
    case "manifest-refused":
    case "override-written":
    case "override-dropped":
      return desiredWords(event, translate, style);
    default:
      return assertNever(event);
  }
}

type StateEvent = Extract<AppEvent, { event: "instance-state" | "service-state" | "instance-exited" }>;

function stateWords(event: StateEvent, translate: Translate, style: Style): string {
  if (event.event === "instance-exited") {
    const exit = renderExit(event.exit, translate);
    if (event.exit.code === 0 && !event.exit.wasRequested)
      return translate("event.instance-finished", { instance: event.instance, exit });
    if (event.exit.wasRequested) return translate("event.instance-stopped", { instance: event.instance, exit });
    return style.red(translate("event.instance-exited", { instance: event.instance, exit }));
  }
  if (event.state === "pending" || event.state === "draining") return "";
  const state = stateWord(event.state, translate, style);
  // While something starts, the reason is only that it has not been seen ready yet.
  const why = event.state === "starting" ? undefined : fieldText(event, "reason", translate);
  const reason = why === undefined ? "" : `: ${why}`;
  if (event.event === "service-state") return `${style.bold(event.service)}  ${state}${firstLine(reason)}`;
  return `${event.instance}  ${state}${event.pid === undefined ? "" : ` (pid ${event.pid})`}${reason}`;
}

/** A service repeats what its instance said; once with all its lines is enough. */
function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

type DesiredEvent = Extract<
  AppEvent,
  { event: `revision-${string}` | `override-${string}` | "manifest-refused" | "snapshot-refused" }
>;

function desiredWords(event: DesiredEvent, translate: Translate, style: Style): string {
  switch (event.event) {
    case "revision-written":
      return [
        translate("event.revision-written", {
          revision: event.revision,
          reason: fieldText(event, "reason", translate),
        }),
        ...(event.plan === undefined ? [] : [renderPlan(event.plan, translate, style)]),
      ].join("\n");
    case "revision-reached":
      return style.green(
        `✓ ${translate("event.revision-reached", { revision: event.revision, took: formatDuration(event.tookMs) })}`,
      );
    case "revision-failed":
      // The output behind the reason was told with the instance, and the table tells it again.
      return style.red(
        `✗ ${translate("event.revision-failed", { revision: event.revision, reason: firstLine(fieldText(event, "reason", translate)) })}`,
      );
    case "snapshot-refused":
      return renderRefusal(event, translate, style);
    case "manifest-refused":
      return style.red(
        `✗ ${translate("event.manifest-refused")}\n${event.problems.map((line) => `  ${line}`).join("\n")}`,
      );
    case "override-written":
      return translate("event.override-written", {
        field: event.field,
        value: JSON.stringify(event.value),
        actor: event.actor,
        reason: fieldText(event, "reason", translate),
      });
    case "override-dropped":
      return translate("event.override-dropped", { field: event.field, reason: fieldText(event, "reason", translate) });
    default:
      return assertNever(event);
  }
}
