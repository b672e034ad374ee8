// What a key, a tenant or a model may use: rates, requests at once, money. Policies are declared in the manifest or given with a key;
// the gateway holds them exactly over its workers, and over its replicas by leases.

/** Requests or tokens in any span of `windowMs`: never more, whatever the span's beginning. */
export interface RateLimit {
  readonly unit: "requests" | "tokens";
  readonly limit: number;
  readonly windowMs: number;
}

/** Money of one calendar period in the app's time zone. */
export interface BudgetLimit {
  readonly currency: Currency;
  /** Millionths of the currency's unit. */
  readonly microUnits: number;
  readonly per: "day" | "week" | "month";
}

/** Currencies that prices are known in. Budgets of one are not spent by prices of another without a rate in the price table. */
export type Currency = "usd" | "cny";

/** What happens while the store that replicas share is away: each replica takes its share, or nothing is served. */
export type OnStoreLoss = "local-share" | "refuse";

/** All limits of one subject. */
export interface LimitPolicy {
  readonly rates: readonly RateLimit[];
  /** Requests at once; absent: no bound. */
  readonly concurrency?: number;
  readonly budgets: readonly BudgetLimit[];
  /** For rates and concurrency. */
  readonly ratesOnStoreLoss: OnStoreLoss;
  /** For budgets. */
  readonly budgetsOnStoreLoss: OnStoreLoss;
}

/** Nothing is limited. */
export const NO_LIMITS: LimitPolicy = {
  rates: [],
  budgets: [],
  ratesOnStoreLoss: "local-share",
  budgetsOnStoreLoss: "refuse",
};

/** A store that several gateways share, so that limits hold over all of them. */
export interface LimitStoreSpec {
  /** `redis://host:port` or `rediss://host:port`, without a password. */
  readonly url: string;
  /** The name of the secret with its password; absent: it asks for none. */
  readonly passwordSecret?: string;
}
