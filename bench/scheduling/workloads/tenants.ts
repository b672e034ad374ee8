// W6: three tenants share a pool, and one of them sends ten times its share. Each would fill 0.3 ÷ 3 of the pool at the knee; the abuser sends as much
// as the whole pool bears. Beside it the same requests without the abuser: what the victims would meet in isolation.
import { ENGINE_PROFILES } from "@flyball/engine-model";
import {
  mergeRequests,
  OBJECTIVES,
  offeredWorkMs,
  sampleTrace,
  type Trace,
  type TraceRequest,
  type Workload,
} from "@flyball/sim";
import type { TraceKind } from "../trace-files.ts";
import { judgedOf, type BuildInput, type WorkloadDefinition } from "./definition.ts";

const A100 = ENGINE_PROFILES["8b-a100"];
const USUAL_SHARE = 0.1;
const ABUSE = 10;

interface TenantLoad {
  readonly name: string;
  readonly kind: TraceKind;
  /** Of the rate that is asked for. */
  readonly share: number;
}

const VICTIMS: readonly TenantLoad[] = [
  { name: "chat", kind: "azure", share: USUAL_SHARE },
  { name: "reason", kind: "servegen", share: USUAL_SHARE },
];
const ABUSER: TenantLoad = { name: "abuser", kind: "servegen", share: USUAL_SHARE * ABUSE };
/** All three behave and together ask for what the rate says: for the knee. */
const BEHAVED: readonly TenantLoad[] = [...VICTIMS, ABUSER].map((tenant) => ({ ...tenant, share: 1 / 3 }));

function build(name: string, tenants: readonly TenantLoad[], input: BuildInput): Workload {
  const { trace, seed, ratePerSecond, durationMs } = input;
  const samples = tenants.map(({ name: tenant, kind, share }, index) => {
    // Rates are told in ServeGen's requests: of a trace with less work each, there are more.
    const perSecond = (ratePerSecond * share * meanWorkMs(trace("servegen"))) / meanWorkMs(trace(kind));
    const sample = sampleTrace(trace(kind).requests, {
      seed: seed * 10 + index,
      ratePerSecond: perSecond,
      durationMs,
      profile: A100,
    });
    const own = (request: TraceRequest): TraceRequest => ({
      ...request,
      tenant,
      client: `${tenant} ${request.client}`,
    });
    return { requests: sample.requests.map(own), history: sample.history.map(own), durationMs: sample.durationMs };
  });
  return {
    name,
    requests: mergeRequests(...samples.map(({ requests }) => requests)),
    history: samples.flatMap(({ history }) => history),
    replicas: Array.from({ length: 4 }, () => ({ profile: A100 })),
    judged: judgedOf(Math.min(...samples.map((sample) => sample.durationMs))),
    objective: OBJECTIVES.standard,
    blockTokens: 0,
  };
}

function meanWorkMs({ requests }: Trace): number {
  return offeredWorkMs(requests, A100) / requests.length;
}

const common = { traces: ["azure", "servegen"], profile: A100, startRate: 5 } as const;

export const W6: WorkloadDefinition = {
  ...common,
  id: "W6",
  title: "Three tenants on 4 × 8B-A100, one sends ten times its share",
  kneeOf: "W6-behaved",
  isBrief: true,
  groups: ["held orders"],
  build: (input) => build("W6", [...VICTIMS, ABUSER], input),
};

/** The victims alone. */
export const W6_ISOLATED: WorkloadDefinition = {
  ...common,
  id: "W6-isolated",
  title: "The two victims of W6 alone",
  kneeOf: "W6-behaved",
  isAuxiliary: true,
  groups: [],
  build: (input) => build("W6-isolated", VICTIMS, input),
};

/** Where the knee is. */
export const W6_BEHAVED: WorkloadDefinition = {
  ...common,
  id: "W6-behaved",
  title: "Three tenants that behave",
  isAuxiliary: true,
  groups: [],
  build: (input) => build("W6-behaved", BEHAVED, input),
};
