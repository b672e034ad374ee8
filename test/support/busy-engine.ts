// The model server that works on a request at this moment, by its own counters: whom to kill in mid-stream.
import type { InstanceStatus } from "@flyball/core";

/** Its process; throws when none works. */
export async function busyEngine(instances: readonly Pick<InstanceStatus, "pid" | "port">[]): Promise<number> {
  for (const { pid, port } of instances) {
    if (pid === null || port === null) continue;
    const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    if (/^vllm:num_requests_running(\{[^}]*\})? 1(\.0)?$/m.test(page)) return pid;
  }
  throw new Error("no model server works on a request");
}
