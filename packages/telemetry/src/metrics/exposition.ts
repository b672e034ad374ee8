// The Prometheus text format, version 0.0.4.
import type { MetricFamily, MetricSample } from "./metric-family.ts";

/** The content type of the text. */
export const EXPOSITION_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Writes families as text; families without samples still show their HELP and TYPE. */
export function writeExposition(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const family of families) {
    lines.push(`# HELP ${family.name} ${escapeHelp(family.help)}`);
    lines.push(`# TYPE ${family.name} ${family.type}`);
    for (const sample of family.samples) {
      if (family.type === "histogram") writeHistogram(lines, family, sample);
      else lines.push(line(family.name, family.labelNames, sample.labels, sample.value));
    }
  }
  return `${lines.join("\n")}\n`;
}

function writeHistogram(lines: string[], family: MetricFamily, sample: MetricSample): void {
  const bounds = family.bounds ?? [];
  const names = [...family.labelNames, "le"];
  let count = 0;
  for (const [index, inBucket] of (sample.buckets ?? []).entries()) {
    count += inBucket;
    const bound = bounds[index];
    const le = bound === undefined ? "+Inf" : formatNumber(bound);
    lines.push(line(`${family.name}_bucket`, names, [...sample.labels, le], count));
  }
  lines.push(line(`${family.name}_sum`, family.labelNames, sample.labels, sample.value));
  lines.push(line(`${family.name}_count`, family.labelNames, sample.labels, count));
}

function line(name: string, labelNames: readonly string[], labels: readonly string[], value: number): string {
  const pairs = labelNames.map((label, index) => `${label}="${escapeLabel(labels[index] ?? "")}"`);
  const shown = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
  return `${name}${shown} ${formatNumber(value)}`;
}

function formatNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value);
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function escapeHelp(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
