// One-offs of `flyball run` belong to no desired state, so the reconciler leaves them alone; they are forgotten a minute after their end,
// which leaves time to read their output.
import type { ControlContext } from "../control-context.ts";
import { isOneOff } from "../observe/instance.ts";

const KEPT_MS = 60_000;

/** Drops the ended ones. */
export function forgetOneOffs(context: ControlContext): void {
  const now = context.clock.now();
  for (const instance of context.state.table.all()) {
    if (!isOneOff(instance.service) || instance.exit === undefined || now - instance.exit.at < KEPT_MS) continue;
    context.state.table.remove(instance.handle);
    void context.driver.forget(instance.handle).catch(() => undefined);
  }
}
