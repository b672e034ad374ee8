export type { CommandLineHost } from "./command-line/command-line-host.ts";
export { zhErrors } from "./messages/zh-errors.ts";
export { runCommandLine } from "./command-line/run-command-line.ts";
