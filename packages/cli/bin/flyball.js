#!/usr/bin/env node
// The first file of the command. It must run on any old Node, so that a person gets a sentence and not a syntax error: plain
// CommonJS, no `node:` names, no modern syntax. A packed install goes on in this process; a checkout runs its TypeScript sources
// under the Node that the lock file pins.
"use strict";

const childProcess = require("child_process");
const fs = require("fs");
const path = require("path");
const url = require("url");

const NEEDED_MAJOR = 24;
const sourceFile = path.join(__dirname, "..", "src", "main.ts");
const builtFile = path.join(__dirname, "..", "dist", "main.js");
const sourceFlags = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];

function runningMajor() {
  return Number(process.versions.node.split(".")[0]);
}

function pinnedNode() {
  const root = path.join(__dirname, "..", "..", "..");
  const candidate = path.join(root, "node_modules", "node-linux-" + process.arch, "bin", "node");
  return process.platform === "linux" && fs.existsSync(candidate) ? candidate : undefined;
}

function refuseOldNode(remedy) {
  process.stderr.write(
    "flyball needs Node " +
      NEEDED_MAJOR +
      " or newer; this is Node " +
      process.versions.node +
      " (" +
      process.execPath +
      ")\n" +
      remedy +
      "\n",
  );
  process.exitCode = 2;
}

function runSource() {
  const node = pinnedNode() || (runningMajor() >= NEEDED_MAJOR ? process.execPath : undefined);
  if (node === undefined) return refuseOldNode("Try: npm ci");
  const child = childProcess.spawn(node, sourceFlags.concat(sourceFile, process.argv.slice(2)), {
    stdio: "inherit",
    // Governed `node` commands run on the same Node, whatever the machine has.
    env: Object.assign({}, process.env, {
      FLYBALL_PARENT: String(process.pid),
      // Compiled sources are kept, also for keeper, control and gateway: a gateway that was killed serves again in half the time.
      NODE_COMPILE_CACHE:
        process.env.NODE_COMPILE_CACHE || path.join(__dirname, "..", "..", "..", "node_modules", ".cache", "flyball"),
      PATH: path.dirname(node) + path.delimiter + (process.env.PATH || ""),
    }),
  });
  // A terminal sends Ctrl-C to both processes: this one passes every signal on, the child counts a pair as one, and this one waits.
  ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"].forEach(function (name) {
    process.on(name, function () {
      child.kill(name);
    });
  });
  child.on("error", function (error) {
    process.stderr.write("cannot start " + node + ": " + error.message + "\n");
    process.exitCode = 1;
  });
  child.on("exit", function (code, signal) {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

if (fs.existsSync(sourceFile)) runSource();
else if (runningMajor() < NEEDED_MAJOR) refuseOldNode("Try: npx -p node@24 -p flyball flyball --help");
else void import(url.pathToFileURL(builtFile).href);
