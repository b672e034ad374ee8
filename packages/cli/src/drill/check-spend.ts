// A drill sends many requests: a model that may cost money is used only when a person says so.
import { hostReach, type AppSpec } from "@flyball/core";
import { usageError } from "../messages/localised-error.ts";

/** FB_CLI_USAGE names the backends that may cost money, unless `maySpend`. Free are those on this machine or in its own network. */
export function checkSpend(spec: AppSpec, maySpend: boolean): void {
  if (maySpend) return;
  const paid = Object.values(spec.models).flatMap(({ name, backends }) =>
    backends.flatMap((backend) =>
      backend.kind === "provider" && backend.network !== "private" && !isOwn(new URL(backend.baseUrl).hostname)
        ? [`models.${name}: ${backend.provider} (${backend.model})`]
        : [],
    ),
  );
  if (paid.length > 0) throw usageError("drill.paid", { backends: paid.join(", ") }, "flyball drill run --allow-spend");
}

function isOwn(host: string): boolean {
  return host === "localhost" || hostReach(host) === "private";
}
