export { PROVIDER_TABLE } from "./dialects/provider-table.ts";
export type { ProviderTraits } from "./dialects/provider-traits.ts";
export * from "./listen/parse-inherited-listeners.ts";
export * from "./main/gateway-options.ts";
export * from "./start-gateway.ts";
export { runGatewayWorker, type GatewayWorkerOptions } from "./worker/run-gateway-worker.ts";
export type { WorkerData } from "./worker/worker-messages.ts";
