// The process driver passes the suite on a real keeper and real processes.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { systemClock } from "@flyball/core";
import { readProcessStat } from "@flyball/wire";
import { describe, it } from "vitest";
import { driverConformance } from "../v1/conformance.ts";
import { createProcessDriver, type ProcessDriver } from "./process-driver.ts";
import { startTestKeeper } from "./testdata/start-test-keeper.ts";

const NODE = [process.execPath, "--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];
/** Another clone for each run: the same tests of two checkouts at the same time do not meet on ports and tags. */
const [APP, CLONE] = ["suite", randomBytes(4).toString("hex")];

driverConformance({
  name: "process",
  test: { describe, it },
  async create() {
    const keeper = await startTestKeeper(APP, CLONE);
    const connect = async (): Promise<ProcessDriver> =>
      createProcessDriver({
        keeper: await keeper.connect(),
        layout: keeper.layout,
        app: APP,
        clone: CLONE,
        baseEnvironment: process.env,
        clock: systemClock,
        random: Math.random,
      });
    return { driver: await connect(), reconnect: connect, dispose: keeper.dispose };
  },
  makeWorkload: ({ service, specHash, program, ports, stopGraceMs }) => ({
    app: APP,
    clone: CLONE,
    service,
    kind: "service",
    specHash,
    command:
      program.kind === "unstartable"
        ? ["/nowhere/no-such-program"]
        : [...NODE, join(import.meta.dirname, "testdata/program.ts"), JSON.stringify(program)],
    workingDirectory: import.meta.dirname,
    environment: {},
    ports,
    volumes: [],
    configs: [],
    secrets: [],
    resources: { limits: {}, reservations: {} },
    stopSignal: "SIGTERM",
    stopGraceMs,
    labels: {},
  }),
  refused: { change: { image: "alpine" }, field: "image" },
  commands: {
    succeeding: { command: ["sh", "-c", "echo 42"], output: "42" },
    failing: { command: ["sh", "-c", "exit 3"], code: 3 },
    hanging: { command: ["sleep", "60"] },
  },
  // A killed orphan may wait for init to collect it: it holds nothing any more.
  isAlive: (pid) => !["Z", "X", undefined].includes(readProcessStat(pid)?.state),
});
