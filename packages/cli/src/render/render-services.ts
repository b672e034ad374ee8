// The table that `up` and `status` show: service, state, instances, URL; a reason and what a person is asked to do stand on lines of their own below.
import type { AppStatus, ServiceStatus } from "@flyball/core";
import { fieldText } from "../messages/field-text.ts";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { listenerName } from "./listener-name.ts";
import { stateWord } from "./state-word.ts";

/** The services of an app as a table. */
export function renderServices(services: readonly ServiceStatus[], translate: Translate, style: Style): string {
  const head = [
    translate("column.service"),
    translate("column.state"),
    translate("column.instances"),
    translate("column.url"),
  ];
  const rows = services.map((service) => [
    style.bold(service.service),
    stateWord(service.state, translate, style) + (service.isPaused ? ` (${translate("status.paused")})` : ""),
    countOf(service),
    service.url ?? "",
  ]);
  const reasons = services
    .filter((service) => service.reason !== undefined)
    .map((service) => `${service.service}: ${fieldText(service, "reason", translate)}`);
  const advice = services
    .filter((service) => service.advice !== undefined)
    .map((service) => `→ ${service.service}: ${fieldText(service, "advice", translate)}`);
  return [renderTable(head, rows, style), ...reasons, ...advice].join("\n");
}

function countOf(service: ServiceStatus): string {
  if (service.kind === "external" || service.kind === "job") return "-";
  return `${service.ready}/${service.desired}`;
}

/** Listeners that stand on another port than the wished one, one sentence each. */
export function renderMovedListeners(status: Pick<AppStatus, "listeners">, translate: Translate): readonly string[] {
  return status.listeners
    .filter(
      ({ kind, address, wishedPort }) =>
        (kind === "public" || kind === "control") && wishedPort !== 0 && address.port !== wishedPort,
    )
    .map(({ id, address, wishedPort, holder }) =>
      holder === undefined
        ? translate("listener.moved", { id: listenerName(id), wished: wishedPort, port: address.port })
        : translate("listener.moved-holder", { id: listenerName(id), wished: wishedPort, port: address.port, holder }),
    );
}
