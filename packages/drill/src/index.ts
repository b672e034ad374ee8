export * from "./fault.ts";
export * from "./injector.ts";
