// Traces of this process by its environment: the tracer of a worker, the exporter of the main thread. Both read the same variables, so
// that nothing has to be told between them.
import { randomFillSync } from "node:crypto";
import type { Clock } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import type { FinishedCall } from "./finished-call.ts";
import { createSpanPost } from "./post-spans.ts";
import { createSpanExporter, type SpanExporter } from "./span-exporter.ts";
import { createSpanIds } from "./span-ids.ts";
import { readTraceSettings } from "./trace-settings.ts";
import { createTracer, type Tracer } from "./tracer.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The exporter; undefined: there are no traces. What is wrong with the variables is logged here, once. */
export function openSpanExporter(
  environment: Environment,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): SpanExporter | undefined {
  const wish = readTraceSettings(environment);
  if (wish.kind === "invalid") logger.error("traces are off", { reason: wish.reason });
  if (wish.kind !== "on") return undefined;
  const { resource } = wish.settings;
  return createSpanExporter({ resource, post: createSpanPost(wish.settings), clock, logger });
}

/** A worker's tracer; undefined: there are no traces. */
export function openTracer(
  environment: Environment,
  { clock, send }: { readonly clock: Clock; readonly send: (calls: readonly FinishedCall[], dropped: number) => void },
): Tracer | undefined {
  const wish = readTraceSettings(environment);
  if (wish.kind !== "on") return undefined;
  const ids = createSpanIds((block) => void randomFillSync(block));
  return createTracer({ settings: wish.settings, ids, clock, send });
}
