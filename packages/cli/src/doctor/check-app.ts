// How one app does: its keeper, its control, its gateway, its services, and whatever is left of an earlier life.
import type { AppSpec, AppStatus } from "@flyball/core";
import { findPortHolder } from "@flyball/wire";
import type { FoundApp } from "../app/find-app.ts";
import { connectControl } from "../app/open-control.ts";
import { CONTROL_PORT } from "../app/start-control.ts";
import { findLeftovers } from "../app/tagged-processes.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import { localText } from "../messages/localised-error.ts";
import type { Check } from "./check.ts";

const CONTROL_PATIENCE_MS = 3_000;

/** Keeper, control, gateway and services of an app that ran here. */
export async function checkRunningApp(context: CommandContext, app: FoundApp): Promise<readonly Check[]> {
  if (!app.isRunning)
    return [
      { name: "keeper", state: "ok", detail: localText("doctor.not-running", { app: app.app }) },
      await checkLeftovers(app),
    ];
  const keeper: Check = { name: "keeper", state: "ok", detail: localText("doctor.keeper", { app: app.app }) };
  try {
    const control = await connectControl({ ...context, layout: app.layout, patienceMs: CONTROL_PATIENCE_MS });
    const status = await control.status();
    return [
      keeper,
      { name: "control", state: "ok", detail: localText("doctor.control", { url: control.url }) },
      ...checkStatus(status),
    ];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [
      keeper,
      {
        name: "control",
        state: "failed",
        detail: localText("doctor.control-away", { reason }),
        hint: localText("doctor.control-hint", { path: `${app.layout.logs}/@control/0.log` }),
      },
    ];
  }
}

/** What the status says of gateway and services. */
export function checkStatus(status: AppStatus): readonly Check[] {
  const gateway: Check = status.gateway.isConnected
    ? { name: "gateway", state: "ok", detail: localText("doctor.gateway", { version: status.gateway.snapshotVersion }) }
    : {
        name: "gateway",
        state: "failed",
        detail: localText("doctor.gateway-away", {}),
        hint: localText("doctor.gateway-hint", {}),
      };
  const ill = status.services.filter(({ state }) => ["degraded", "unhealthy", "crash-loop", "failed"].includes(state));
  if (ill.length === 0)
    return [
      gateway,
      { name: "services", state: "ok", detail: localText("doctor.services", { count: status.services.length }) },
    ];
  const [first] = ill;
  const detail = localText("doctor.services-ill", { services: ill.map(({ service }) => service).join(", ") });
  return [
    gateway,
    {
      name: "services",
      state: "failed",
      detail,
      hint: localText("doctor.services-hint", { service: first?.service ?? "" }),
    },
  ];
}

/** Processes that carry the app's tag although its keeper is gone. */
export async function checkLeftovers(app: Pick<FoundApp, "app" | "clone">): Promise<Check> {
  const left = await findLeftovers(app.app, app.clone);
  if (left.length === 0) return { name: "leftovers", state: "ok", detail: localText("doctor.no-leftovers", {}) };
  return {
    name: "leftovers",
    state: "failed",
    detail: localText("doctor.leftovers", { pids: left.map(({ pid }) => pid).join(", ") }),
    hint: localText("doctor.leftovers-hint", {}),
  };
}

/** Ports that the app wishes and another program holds. Only a warning: the next free ones are taken. */
export function checkPorts(spec: AppSpec | undefined): Check {
  const published = Object.values(spec?.services ?? {}).flatMap((service) =>
    service.ports.flatMap((port) => port.published ?? []),
  );
  const listeners = Object.values(spec?.gateway.listeners ?? {}).map((listener) => listener.port);
  const wished = [...new Set([...published, ...listeners, CONTROL_PORT])].toSorted((a, b) => a - b);
  const taken = wished.flatMap((port) => {
    const holder = findPortHolder("127.0.0.1", port);
    return holder === undefined ? [] : [`${port} (${holder.command}, pid ${holder.pid})`];
  });
  if (taken.length === 0)
    return { name: "ports", state: "ok", detail: localText("doctor.ports", { ports: wished.join(", ") }) };
  return {
    name: "ports",
    state: "warning",
    detail: localText("doctor.ports-taken", { ports: taken.join(", ") }),
    hint: localText("doctor.ports-hint", {}),
  };
}
