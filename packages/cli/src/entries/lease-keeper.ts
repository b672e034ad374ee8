// Holds the lease of one fault, and takes the fault back when the drill is gone.
import { runLeaseKeeper } from "@flyball/drill";

await runLeaseKeeper(process.argv[2] ?? "", process.stdin);
