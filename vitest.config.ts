// Two projects: unit tests stand beside their source; end-to-end tests stand in test/ and run real processes, one file at a time unless
// `npm test` says which of them may run side by side.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const resolve = { conditions: ["flyball-source", "node", "import", "default"] };
const ssr = { resolve: { conditions: ["flyball-source", "node", "import", "default"] } };
const execArgv = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "examples/**/*.test.ts", "tools/**/*.test.ts", "bench/**/*.test.ts"],
          execArgv,
          // No source keeps state in its module, so files share a worker: most of a file's time would go into loading what the last one had.
          isolate: false,
          // Many files wait for processes that they started: four at a time keep even a machine with two processors busy.
          maxWorkers: Math.max(4, availableParallelism() - 1),
          // Ten times what the slowest needs alone: a limit is for what hangs, not for a machine that is busy.
          testTimeout: 30_000,
          hookTimeout: 30_000,
          // What such processes compile is kept where the command of a checkout keeps it: a process starts in half the time.
          env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules", ".cache", "flyball") },
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "e2e",
          include: ["test/**/*.test.ts"],
          execArgv,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
