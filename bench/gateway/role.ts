// The bench's own child processes are this same program in another role.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Bench } from "./bench.ts";

/** What a child process is for. */
export type Role = "paced" | "lean" | "open-loop" | "streams";

const ENTRY = join(import.meta.dirname, "..", "gateway.ts");

/** The words that start a role. */
export function roleCommand(role: Role, argument: string): readonly string[] {
  return [process.execPath, ...process.execArgv, ENTRY, "--role", role, argument];
}

/** Runs a role that is given one value and answers one. Rejects when it ends without an answer. */
export async function askRole<Answer>(bench: Bench, role: Role, question: object): Promise<Answer> {
  bench.cleanUp.requireOpen();
  const child = fork(ENTRY, ["--role", role], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const end = bench.cleanUp.defer(async () => void child.kill("SIGKILL"));
  child.send(question);
  const exited = once(child, "exit").then(([code]) => {
    throw new Error(`the ${role} client ended with ${String(code)} and no answer`);
  });
  const answered = once(child, "message").then(([answer]) => answer as Answer);
  exited.catch(() => undefined);
  try {
    return await Promise.race([answered, exited]);
  } finally {
    await end();
  }
}
