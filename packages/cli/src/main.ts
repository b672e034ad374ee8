// The command's real beginning, once the Node version is known to be right. It hands the process to `runCommandLine` and ends it with
// the code that comes back, after everything written has left.
import { homedir, userInfo } from "node:os";
import { runCommandLine } from "./command-line/run-command-line.ts";
import { programVersion } from "./program-version.ts";

// A reader that leaves early (`flyball logs | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
process.stderr.on("error", () => undefined);

// Timers of the shared clock do not keep a process alive; a command that only waits must not end by that.
const stayAlive = setInterval(() => undefined, 60_000);

const exitCode = await runCommandLine({
  argv: process.argv.slice(2),
  environment: process.env,
  workingDirectory: process.cwd(),
  home: homedir(),
  userName: userName(),
  version: programVersion(),
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
});
clearInterval(stayAlive);
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => void stream.write("", () => resolve())),
  ),
);
process.exit(exitCode);

/** The user's name; a user without an entry in the password file has only a number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env["USER"] ?? String(process.getuid?.() ?? "unknown");
  }
}
