// Three things to type once an app is ready: a request, a look, a kill. They are made from the app itself, so they work as printed.
import type { AppSpec, AppStatus, ServiceStatus } from "@flyball/core";
import type { Translate } from "../messages/translate.ts";

/** A label of a service with the request to try; `{url}` stands for its public address. */
export const TRY_LABEL = "flyball.try";

/** A command with what it shows. */
export interface ThingToTry {
  readonly command: string;
  readonly shows: string;
}

/** At most three; one that the app has nothing for is left out. */
export function thingsToTry(options: {
  readonly spec: AppSpec;
  readonly status: AppStatus;
  readonly translate: Translate;
  readonly commandName: string;
}): readonly ThingToTry[] {
  const { spec, status, translate, commandName } = options;
  const request = requestToTry(spec, status);
  // What is paused does not come back.
  const victim = instanceToKill(spec, status.isPaused ? [] : status.services.filter(({ isPaused }) => !isPaused));
  return [
    ...(request === undefined ? [] : [{ command: request, shows: translate("try.request") }]),
    { command: `${commandName} ps`, shows: translate("try.ps") },
    ...(victim === undefined
      ? []
      : [{ command: `kill -9 ${victim.pid}`, shows: translate("try.kill", { instance: victim.instance }) }]),
  ];
}

function requestToTry(spec: AppSpec, status: AppStatus): string | undefined {
  const isPublished = (service: ServiceStatus): boolean =>
    spec.services[service.service]?.ports.some((port) => port.protocol === "http" && port.published !== undefined) ===
    true;
  const published = status.services.filter((service) => service.url !== undefined && isPublished(service));
  const labelled = published.find((service) => spec.services[service.service]?.labels[TRY_LABEL] !== undefined);
  const chosen = labelled ?? published[0];
  if (chosen?.url === undefined) return undefined;
  const url = chosen.url.replace(/\/$/, "");
  const label = spec.services[chosen.service]?.labels[TRY_LABEL];
  return label === undefined ? `curl ${url}/` : label.replaceAll(/\$?\{url\}/g, url);
}

/** A ready instance of a service that can spare one: one that calls a model rather than the entrance, the entrance rather than an engine. */
function instanceToKill(
  spec: AppSpec,
  services: readonly ServiceStatus[],
): { readonly pid: number; readonly instance: string } | undefined {
  const rank = (service: ServiceStatus): number => {
    const declared = spec.services[service.service];
    if (declared === undefined || declared.kind !== "service") return 3;
    if (declared.serve !== undefined) return 2;
    return declared.models.length > 0 ? 0 : 1;
  };
  const spare = services
    .filter((service) => service.kind === "service" && service.ready >= 2)
    .toSorted((a, b) => rank(a) - rank(b));
  const instance = spare[0]?.instances.findLast((candidate) => candidate.state === "ready" && candidate.pid !== null);
  if (instance === undefined || instance.pid === null) return undefined;
  return { pid: instance.pid, instance: instance.instance };
}
