export * from "./run-control.ts";
export * from "./create-control.ts";
