export * from "./run-keeper.ts";
