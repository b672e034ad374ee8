// Two projects: unit tests stand beside their source; end-to-end tests stand in test/ and run real processes one file at a time.
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
          include: ["packages/*/src/**/*.test.ts", "examples/**/*.test.ts", "tools/**/*.test.ts"],
          execArgv,
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
