// An app to be drilled: a server that answers as it is told, and what control would say of it.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AppStatus, Incident } from "@flyball/core";
import type { FaultDefinition } from "../../fault.ts";
import type { InjectionOrder, Injector } from "../../injector.ts";
import type { RefereeOrder, RunLimits } from "../referee-order.ts";
import { runRound } from "../run-round.ts";
import type { RunRecord } from "../run-record.ts";

/** A fault that the injector of the app makes: all its answers are errors while it lasts. */
export const ERRORS: FaultDefinition = {
  id: "errors",
  title: { en: "Answers are errors", zh: "应答是错误" },
  victim: "instance",
  injection: { kind: "signal", signal: "SIGSTOP" },
  needs: ["two-replicas"],
  leaseMs: 60_000,
  expect: { incidents: [], never: [] },
};

/** What a test decides. */
export interface DrilledApp {
  /** Weighted average load of its service. */
  readonly load?: number;
  readonly incidents?: readonly Incident[];
  readonly limits?: Partial<RunLimits>;
  /** Absent: an empty run. */
  readonly fault?: FaultDefinition;
  /** Its answers are errors from the beginning on. */
  readonly isIll?: boolean;
}

/** One run on it, with how often the fault was made and taken back. */
export async function drill(app: DrilledApp): Promise<{ run: RunRecord; made: number; undone: number }> {
  const state = { isFailing: app.isIll === true, made: 0, undone: 0 };
  const server = createServer((_request, response) => {
    response.statusCode = state.isFailing ? 500 : 200;
    response.end("well");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const injector: Injector = {
    kind: "signal",
    whyNot: () => Promise.resolve(undefined),
    inject(_order: InjectionOrder) {
      state.made += 1;
      state.isFailing = true;
      const undo = (): Promise<void> => {
        state.undone += 1;
        state.isFailing = false;
        return Promise.resolve();
      };
      return Promise.resolve({ injectedAt: performance.timeOrigin + performance.now(), undo });
    },
  };
  try {
    const run = await runRound({
      order: orderFor(port, app),
      planned: { index: 0, seed: 1, ...(app.fault === undefined ? {} : { fault: app.fault }) },
      hands: {
        injectors: () => [injector],
        processesOf: () => Promise.resolve([{ pid: 1, startTicks: 1, bootId: "" }]),
        processWith: () => undefined,
        arrivalsAt: () => Promise.resolve(undefined),
      },
      control: {
        status: () => Promise.resolve(statusOf(app.load ?? 0)),
        incidents: () => Promise.resolve(app.incidents ?? []),
        eventsAfter: () => Promise.resolve([]),
      },
      signal: new AbortController().signal,
      changes: undefined,
      onPhase: () => undefined,
    });
    return { run, made: state.made, undone: state.undone };
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function orderFor(port: number, { limits }: DrilledApp): RefereeOrder {
  const facts = { isStateful: false, hasDependants: false, hasProxy: false, servesModel: false, hasHttp: true };
  return {
    control: { url: "", token: "" },
    appTag: "shop.0",
    keeperPid: 1,
    proxyFolder: "/nowhere",
    faultFolder: "/nowhere",
    facts: [{ service: "web", ...facts }],
    gatewayWorkers: 1,
    mayChange: false,
    requests: [{ name: "web GET /", origin: `http://127.0.0.1:${port}`, method: "GET", path: "/", headers: {} }],
    perSecond: 100,
    limits: {
      beforeMs: 200,
      goodWindowMs: 300,
      patienceMs: 2_000,
      requestTimeoutMs: 5_000,
      mostFailed: 1_000_000,
      lagMs: 10_000,
      stealShare: 1,
      ...limits,
    },
    runs: [],
  };
}

/** One service with two ready instances. */
export function statusOf(load: number): AppStatus {
  const instances = [0, 1].map((ordinal) => ({ instance: `web/${ordinal}`, pid: 100 + ordinal, port: 1, state: "ready" }));
  const service = { service: "web", kind: "service", state: "ready", desired: 2, ready: 2, weightedAverageLoad: load, instances };
  return { state: "ready", services: [service], gateway: { isConnected: true } } as unknown as AppStatus;
}
