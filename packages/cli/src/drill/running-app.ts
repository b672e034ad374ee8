// The app that runs, as the app under test: nothing of it is started or ended, and no fault proxy stands in it.
import { appTag } from "@flyball/core";
import { connectKeeper } from "@flyball/wire";
import { openControl } from "../app/open-control.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import { makeModelKey } from "./model-key.ts";
import type { AppUnderTest } from "./own-app.ts";

/** Finds it; FB_CLI_NOT_RUNNING when none runs. */
export async function runningApp(context: CommandContext): Promise<AppUnderTest> {
  const { app, control } = await openControl(context);
  const revisions = await control.revisions();
  const { spec } = await control.revision(revisions.current);
  const keeper = await connectKeeper({ path: app.layout.keeperSocket, role: "cli" });
  const { pid } = keeper.keeper;
  keeper.close();
  const key = makeModelKey(control);
  return {
    spec,
    control,
    layout: app.layout,
    tag: appTag(app.app, app.clone),
    keeperPid: pid,
    modelKey: key.value,
    dispose: key.revoke,
  };
}
