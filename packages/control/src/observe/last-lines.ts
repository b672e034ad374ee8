// The last lines of an instance's output, for messages. Never waits long and never fails: a message without them is still a message.
import type { Driver } from "@flyball/drivers";
import type { Instance } from "./instance.ts";

/** As many as a stack trace needs so that its first line is among them. */
const LINES = 20;
const LIMIT_MS = 300;

/** At most twenty lines of this life of the instance; fewer or none when they cannot be read in 300 ms. */
export async function readLastLines(
  driver: Driver,
  instance: Pick<Instance, "handle" | "startedAt">,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const lines: string[] = [];
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
    for await (const line of driver.logs(instance.handle, { tail: LINES, isFollowing: false }, limited)) {
      if (line.at >= instance.startedAt) lines.push(line.text.slice(0, 400));
    }
  } catch {
    return lines.slice(-LINES);
  }
  return lines.slice(-LINES);
}
