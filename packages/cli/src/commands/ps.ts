// `flyball ps`: every instance with its pid, state and port. The JSON names are stable: scripts read them.
import type { AppStatus, InstanceStatus } from "@flyball/core";
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { requireService } from "../command-line/require-service.ts";
import { fieldText } from "../messages/field-text.ts";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { formatByteSize } from "../render/byte-size.ts";
import { formatDuration } from "../render/duration.ts";
import { renderRefusal } from "../render/render-refusal.ts";
import { renderScaling } from "../render/render-scaling.ts";
import { stateWord } from "../render/state-word.ts";

/** Runs the command. */
export async function ps(context: CommandContext, input: CommandInput): Promise<number> {
  const { control } = await openControl(context);
  const status = await control.status();
  const instances = selectInstances(status, input.positionals[0]);
  const now = context.clock.now();
  const { output, translate } = context;
  output.values(instances, (style) => renderInstances(instances, { translate, style, now }));
  // Beside the instances, not among them: scripts read a list of instances.
  for (const line of renderScaling(servicesOf(status, input.positionals[0]), translate)) output.note(line);
  const { refusal } = status.gateway;
  if (refusal !== undefined) output.note(renderRefusal(refusal, translate, output.noteStyle));
  return 0;
}

function servicesOf({ services }: AppStatus, service: string | undefined): AppStatus["services"] {
  return services.filter((each) => service === undefined || each.service === service);
}

function selectInstances(status: AppStatus, service: string | undefined): readonly InstanceStatus[] {
  if (service === undefined) return status.services.flatMap((entry) => entry.instances);
  return requireService(status, service).instances;
}

/** The table of instances. */
export function renderInstances(
  instances: readonly InstanceStatus[],
  { translate, style, now }: { readonly translate: Translate; readonly style: Style; readonly now: number },
): string {
  const head = [
    translate("column.instance"),
    translate("column.state"),
    "PID",
    translate("column.port"),
    translate("column.uptime"),
    translate("column.restarts"),
    "CPU",
    translate("column.memory"),
    translate("column.revision"),
  ];
  const rows = instances.map((instance) => [
    style.bold(instance.instance),
    stateWord(instance.state, translate, style) + (instance.isSpare === true ? ` (${translate("status.spare")})` : ""),
    textOrDash(instance.pid),
    textOrDash(instance.port),
    instance.pid === null ? "-" : formatDuration(Math.max(0, now - instance.startedAt)),
    String(instance.restarts),
    instance.cpuPercent === undefined ? "-" : `${instance.cpuPercent.toFixed(1)} %`,
    instance.rssBytes === undefined ? "-" : formatByteSize(instance.rssBytes),
    String(instance.revision),
  ]);
  const reasons = instances.flatMap((instance) => {
    const reason = fieldText(instance, "reason", translate);
    return reason === undefined ? [] : [`${instance.instance}: ${reason}`];
  });
  return [renderTable(head, rows, style), ...reasons].join("\n");
}

function textOrDash(value: number | null): string {
  return value === null ? "-" : String(value);
}
