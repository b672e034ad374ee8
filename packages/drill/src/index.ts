export * from "./catalogue/load-catalogue.ts";
export * from "./fault.ts";
export * from "./injector.ts";
