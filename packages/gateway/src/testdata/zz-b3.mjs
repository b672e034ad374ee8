import { Worker } from "node:worker_threads";
const w = new Worker(new URL("./zz-b2.mjs", import.meta.url), { argv: [process.argv[2]] }); 
