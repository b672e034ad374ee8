// A model server of Flyball's own as a process.
import { runEngine } from "@flyball/engines";

process.exitCode = await runEngine(process.argv.slice(2), process.env);
