// The keeper as a process.
import { systemClock } from "@flyball/core";
import { runKeeper } from "@flyball/keeper";
import { programVersion } from "../program-version.ts";
import { parseSystemArguments } from "./system-arguments.ts";

const { layout, app, clone, isForeground } = parseSystemArguments(process.argv.slice(2));
await runKeeper({ layout, app, clone, isForeground, version: programVersion(), clock: systemClock });
