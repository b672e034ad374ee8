// What is better: first of all keeping the objective, then fewer replicas, then more good requests, then shorter answers. Differences that a
// simulation of another minute would turn round count as none.

/** What a simulation of some settings showed. */
export interface SettingsResult {
  readonly replicas: number;
  /** Share of requests that kept the objective. */
  readonly goodShare: number;
  readonly latencyMs: number;
}

const SHARE_STEP = 0.001;
const LATENCY_STEP = 0.01;

/** Below 0: `a` is better. `attainment`: the share that has to keep the objective. */
export function compareSettings(a: SettingsResult, b: SettingsResult, attainment: number): number {
  const isKept = (of: SettingsResult): number => (of.goodShare >= attainment ? 0 : 1);
  if (isKept(a) !== isKept(b)) return isKept(a) - isKept(b);
  if (isKept(a) === 1 && Math.abs(a.goodShare - b.goodShare) > SHARE_STEP) return b.goodShare - a.goodShare;
  if (a.replicas !== b.replicas) return a.replicas - b.replicas;
  if (Math.abs(a.goodShare - b.goodShare) > SHARE_STEP) return b.goodShare - a.goodShare;
  const ratio = a.latencyMs / b.latencyMs - 1;
  return Math.abs(ratio) > LATENCY_STEP ? ratio : 0;
}
