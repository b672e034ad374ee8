export * from "./control-client.ts";
export * from "./log-query.ts";
