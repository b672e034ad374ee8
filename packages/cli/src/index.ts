export type { CommandLineHost } from "./command-line/command-line-host.ts";
export { runCommandLine } from "./command-line/run-command-line.ts";
