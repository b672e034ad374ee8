import { loadManifest, formatProblems } from "@flyball/core/manifest";
import { readFile } from "node:fs/promises";
const t = performance.now();
const r = await loadManifest({ path: process.argv[2], environment: {}, readFile });
console.log("ms", performance.now() - t);
console.log(r.ok ? JSON.stringify(r, null, 1) : formatProblems(r.problems));
