// The lease keeper as a process for tests: what the command line's entry is in production.
import { runLeaseKeeper } from "../inject/lease-keeper.ts";

await runLeaseKeeper(process.argv[2]!, process.stdin);
