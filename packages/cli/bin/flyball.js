#!/usr/bin/env node
// The first file of the command. It must run on any old Node, so that a person gets a sentence and not a syntax error: plain
// CommonJS, no `node:` names, no modern syntax. A packed install goes on in this process; a checkout runs its TypeScript sources
// under the Node that the lock file pins.
"use strict";

const childProcess = require("child_process");
const fs = require("fs");
const nodeModule = require("module");
const os = require("os");
const path = require("path");
const url = require("url");

const NEEDED_MAJOR = 24;
const sourceFile = path.join(__dirname, "..", "src", "main.ts");
const builtFile = path.join(__dirname, "..", "dist", "bundled", "main.js");
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

// Compiled code of this installation is kept in the user's cache folder, also for keeper, control and gateway. A folder for each version
// and place of installation; beside the one in use the newest two stay. Whatever goes wrong here only costs the time that it would save.
function useCompileCache() {
  if (process.env.NODE_COMPILE_CACHE || process.env.NODE_DISABLE_COMPILE_CACHE) return;
  try {
    const version = JSON.parse(fs.readFileSync(path.join(__dirname, "..", "package.json"), "utf8")).version;
    const root = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "flyball", "compiled");
    const folder = path.join(root, version + "-" + shortHash(__dirname));
    if (!fs.existsSync(folder)) {
      fs.mkdirSync(root, { recursive: true, mode: 0o700 });
      removeOldest(root, 2);
      fs.mkdirSync(folder, { mode: 0o700 });
    }
    if (nodeModule.enableCompileCache(folder).directory === undefined) return;
    // Told twice: the instances of an app are started without what is only ours.
    process.env.NODE_COMPILE_CACHE = process.env.FLYBALL_COMPILE_CACHE = folder;
  } catch (error) {
    void error;
  }
}

function shortHash(text) {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) >>> 0;
  return hash.toString(36);
}

function removeOldest(root, kept) {
  const ages = fs.readdirSync(root).map(function (name) {
    return { folder: path.join(root, name), at: fs.statSync(path.join(root, name)).mtimeMs };
  });
  ages.sort(function (a, b) {
    return b.at - a.at;
  });
  ages.slice(kept).forEach(function (entry) {
    fs.rmSync(entry.folder, { recursive: true, force: true });
  });
}

if (fs.existsSync(sourceFile)) runSource();
else if (runningMajor() < NEEDED_MAJOR) refuseOldNode("Try: npx -p node@24 -p flyball flyball --help");
else {
  useCompileCache();
  void import(url.pathToFileURL(builtFile).href);
}
