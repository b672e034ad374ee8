export * from "./command-line/run-command-line.ts";
