// W6: three tenants share a pool, and one of them sends ten times its share. Each would fill 0.3 ÷ 3 of the pool at the knee; the abuser sends as much
// as the whole pool bears. Beside it the same requests without the abuser: what the victims would meet in isolation.
import { ENGINE_PROFILES } from "@flyball/engine-model";
import { mergeRequests, OBJECTIVES, sampleTrace, type TraceRequest, type Workload } from "@flyball/sim";
import { judgedOf, type BuildInput, type WorkloadDefinition } from "./definition.ts";

const AZURE = "azure_llm_2023_conv.csv.gz";
const SERVEGEN = "servegen_r1_1h_4rps.csv.gz";
const A100 = ENGINE_PROFILES["8b-a100"];
/** Requests of Azure's conversations that ask for about as much as one of ServeGen's. */
const AZURE_PER_SERVEGEN = 3.6;
const USUAL_SHARE = 0.1;
const ABUSE = 10;

interface TenantLoad {
  readonly name: string;
  readonly file: string;
  /** Of the rate that is asked for. */
  readonly share: number;
}

const VICTIMS: readonly TenantLoad[] = [
  { name: "chat", file: AZURE, share: USUAL_SHARE },
  { name: "reason", file: SERVEGEN, share: USUAL_SHARE },
];
const ABUSER: TenantLoad = { name: "abuser", file: SERVEGEN, share: USUAL_SHARE * ABUSE };
/** All three behave and together ask for what the rate says: for the knee. */
const BEHAVED: readonly TenantLoad[] = [...VICTIMS, ABUSER].map((tenant) => ({ ...tenant, share: 1 / 3 }));

function build(name: string, tenants: readonly TenantLoad[], input: BuildInput): Workload {
  const { trace, seed, ratePerSecond, durationMs } = input;
  const samples = tenants.map(({ name: tenant, file, share }, index) => {
    const perSecond = ratePerSecond * share * (file === AZURE ? AZURE_PER_SERVEGEN : 1);
    const sample = sampleTrace(trace(file).requests, {
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

const common = { files: [AZURE, SERVEGEN], profile: A100, startRate: 5 } as const;

export const W6: WorkloadDefinition = {
  ...common,
  id: "W6",
  title: "Three tenants on 4 × 8B-A100, one sends ten times its share",
  kneeOf: "W6-behaved",
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
