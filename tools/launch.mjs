// What `npm start` and `npm test` run: plain JavaScript for any Node ≥ 20.19, because it runs before anything is installed. It installs
// what is missing, finds the Node that the lock file pins, and hands over to it.
//
//   start [arguments of `flyball up`]   the question-answering example in the foreground
//   test [--long]                       every check, then every test; the last line is `N passed, N failed, N skipped`
//   check                               every check without the tests
//   run <program> [arguments]           a program of node_modules/.bin, or `node`, under the pinned Node
import { join } from "node:path";
import { installWhatIsMissing } from "./launch/install.mjs";
import { pinnedNode, SOURCE_FLAGS, withPinnedPath } from "./launch/pinned-node.mjs";
import { checkAll } from "./launch/checks.mjs";
import { repositoryRoot } from "./launch/repository-root.mjs";
import { resolveProgram } from "./launch/resolve-program.mjs";
import { runInForeground } from "./launch/run-in-foreground.mjs";
import { testAll } from "./launch/tests.mjs";

const EXAMPLE = "examples/qa/flyball.yaml";

/** Starts the example; resolves with the exit code, or ends by the signal that ended it. */
async function start(rest) {
  await installWhatIsMissing("prod");
  const words = [...SOURCE_FLAGS, "packages/cli/src/main.ts", "up", "-f", EXAMPLE, ...rest];
  const environment = {
    ...withPinnedPath(process.env),
    FLYBALL_COMMAND: "npx flyball",
    FLYBALL_UP_COMMAND: "npm start --",
    FLYBALL_PARENT: String(process.pid),
    // As packages/cli/bin/flyball.js does in a checkout: type stripping and compiling are most of the time that a start takes.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE || join(repositoryRoot, "node_modules", ".cache", "flyball"),
  };
  return await runInForeground(pinnedNode(), words, { environment, cwd: repositoryRoot });
}

async function run([program, ...rest]) {
  if (program === undefined) throw new Error("usage: node tools/launch.mjs run <program> [arguments]");
  await installWhatIsMissing("dev");
  const words = program === "node" ? [...SOURCE_FLAGS, ...rest] : [resolveProgram(program), ...rest];
  return await runInForeground(pinnedNode(), words, { environment: withPinnedPath(process.env), cwd: process.cwd() });
}

async function test(rest) {
  await installWhatIsMissing("dev");
  return await testAll({ isLong: rest.includes("--long") });
}

async function check() {
  await installWhatIsMissing("dev");
  const { failed } = await checkAll();
  return failed.length === 0 ? 0 : 1;
}

const actions = { start, run, test, check };
const [action, ...rest] = process.argv.slice(2);
try {
  if (!Object.hasOwn(actions, action))
    throw new Error(`usage: node tools/launch.mjs ${Object.keys(actions).join("|")} …`);
  process.exitCode = await actions[action](rest);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
