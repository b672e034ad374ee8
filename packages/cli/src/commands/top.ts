// `flyball top [service]`: what services and instances asked for against what they use, and what would be right.
import type { InstanceUsage, Quantiles, ServiceUsage, UsageStatus } from "@flyball/core";
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { requireService } from "../command-line/require-service.ts";
import { fieldText } from "../messages/field-text.ts";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { formatByteSize } from "../render/byte-size.ts";
import { formatDuration } from "../render/duration.ts";

/** Before this nothing is advised; control decides it. */
const LEAST_OBSERVED_MS = 300_000;

/** Runs the command. */
export async function top(context: CommandContext, input: CommandInput): Promise<number> {
  const [service] = input.positionals;
  const { control } = await openControl(context);
  if (service !== undefined) requireService(await control.status(), service);
  const all = await control.top();
  const usage = { ...all, services: all.services.filter((each) => service === undefined || each.service === service) };
  context.output.value(usage, (style) => renderTop(usage, context.translate, style));
  return 0;
}

/** The table with the advice below it. */
export function renderTop(usage: UsageStatus, translate: Translate, style: Style): string {
  const head = [
    translate("column.instance"),
    ...["CPU", translate("column.memory")].flatMap((what) =>
      [translate("top.asked"), translate("top.now"), "P50", "P95"].map((which) => `${what} ${which}`),
    ),
    "GPU",
  ];
  const rows = usage.services.flatMap((service) => service.instances.map((each) => rowOf(service, each, style)));
  const advice = usage.services.flatMap(({ service, advice: all }) =>
    all.map((each) =>
      style.yellow(
        translate(`top.advice-${each.kind}`, {
          service,
          field: each.field,
          reason: fieldText(each, "reason", translate),
        }),
      ),
    ),
  );
  return [
    rows.length === 0 ? translate("top.nothing") : renderTable(head, rows, style),
    "",
    ...machineOf(usage, translate),
    translate("top.window", { window: formatDuration(usage.windowMs) }),
    ...(advice.length > 0 ? ["", ...advice] : tooEarly(usage, translate)),
  ].join("\n");
}

function rowOf({ reservations, limits }: ServiceUsage, each: InstanceUsage, style: Style): readonly string[] {
  return [
    style.bold(each.instance),
    asked(reservations.cpus, limits.cpus, formatCpus),
    ...figures(each.cpus, formatCpus),
    asked(reservations.memoryBytes, limits.memoryBytes, formatByteSize),
    ...figures(each.memoryBytes, formatByteSize),
    String(reservations.gpus ?? "-"),
  ];
}

/** What is reserved; without a reservation the limit, marked as one. */
function asked(reserved: number | undefined, limit: number | undefined, format: (value: number) => string): string {
  if (reserved !== undefined) return format(reserved);
  return limit === undefined ? "-" : `≤ ${format(limit)}`;
}

function figures(quantiles: Quantiles | undefined, format: (value: number) => string): readonly string[] {
  if (quantiles === undefined) return ["-", "-", "-"];
  return [quantiles.now, quantiles.p50, quantiles.p95].map(format);
}

function formatCpus(cpus: number): string {
  return cpus.toFixed(2);
}

function machineOf({ machine, reserved }: UsageStatus, translate: Translate): readonly string[] {
  if (machine === undefined) return [];
  const words = ({ cpus, memoryBytes, gpus }: typeof machine): string =>
    `${Math.round(cpus * 100) / 100} CPU, ${formatByteSize(memoryBytes)}, ${gpus} GPU`;
  return [translate("top.machine", { machine: words(machine), reserved: words(reserved) })];
}

function tooEarly({ services }: UsageStatus, translate: Translate): readonly string[] {
  const hasReservation = services.some(
    ({ reservations, limits }) => Object.keys({ ...reservations, ...limits }).length > 0,
  );
  const isEarly = services.some(({ observedMs }) => observedMs < LEAST_OBSERVED_MS);
  return hasReservation && isEarly ? [translate("top.early", { after: formatDuration(LEAST_OBSERVED_MS) })] : [];
}
