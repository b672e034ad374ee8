// The app under test: a copy of the manifest's app with a state folder, a clone and data of its own, so that one that runs is not touched. It
// ends with the command that started it, however that ends.
import { rmSync } from "node:fs";
import type { ControlClient } from "@flyball/client";
import { appTag, type AppSpec, type StateLayout } from "@flyball/core";
import { openSession } from "../app/app-session.ts";
import { endLeftovers } from "../app/tagged-processes.ts";
import { stopApp } from "../app/stop-app.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import { usageError } from "../messages/localised-error.ts";
import { bringUp } from "../up/bring-up.ts";
import { readManifest } from "../app/read-manifest.ts";
import { makeCopyFolder } from "./copy-folder.ts";
import { makeModelKey } from "./model-key.ts";
import type { Output } from "../output/output.ts";
import { ENGINE_WRAPPER_VARIABLE } from "./engine-wrapper.ts";
import { proxyCommand, wrapServices } from "./wrap-services.ts";

/** An app that a drill may use. */
export interface AppUnderTest {
  readonly spec: AppSpec;
  readonly control: ControlClient;
  readonly layout: StateLayout;
  readonly tag: string;
  readonly keeperPid: number;
  /** Where the control sockets of fault proxies stand; absent: there are none. */
  readonly proxyFolder?: string;
  /** A key for model calls, made at the first call. */
  modelKey(): Promise<string>;
  dispose(): Promise<void>;
}

/** Starts the copy; `hasProxies` puts the fault proxy before its instances. */
export async function startOwnApp(
  context: CommandContext,
  options: { readonly target: string | undefined; readonly hasProxies: boolean; readonly signal: AbortSignal },
): Promise<AppUnderTest> {
  const { target, hasProxies, signal } = options;
  const root = makeCopyFolder();
  const told: string[] = [];
  const environment = {
    ...context.environment,
    FLYBALL_STATE: root,
    ...(hasProxies ? { [ENGINE_WRAPPER_VARIABLE]: JSON.stringify(proxyCommand(root, "/health")) } : {}),
  };
  const own: CommandContext = { ...context, environment, output: quietOutput(context.output, told) };
  const plain = await readManifest(own, { target });
  const amendments = hasProxies ? wrapServices(plain.spec, root) : {};
  const manifest = { ...(hasProxies ? await readManifest(own, { target, amendments }) : plain), amendments };
  const session = await openSession({ context: own, manifest, isForeground: true, onKeeper: () => undefined });
  const { keeper, control, record } = session;
  const dispose = async (): Promise<void> => {
    await stopApp({ keeper, control, reason: "drill", clock: context.clock, hurry: AbortSignal.timeout(STOP_MS) });
    keeper.close();
    await endLeftovers(record.app, record.clone);
    rmSync(root, { recursive: true, force: true });
  };
  try {
    const brought = await bringUp({ context: own, session, manifest, options: UP_OPTIONS, interrupted: signal });
    if (brought.kind === "timed-out") throw brought.error;
    if (brought.kind !== "ready") throw usageError("drill.not-up", {}, "flyball up");
  } catch (error) {
    if (!signal.aborted) for (const line of told) context.output.note(line);
    await dispose();
    throw error;
  }
  return {
    spec: manifest.spec,
    control,
    layout: record.layout,
    tag: appTag(record.app, record.clone),
    keeperPid: keeper.keeper.pid,
    ...(hasProxies ? { proxyFolder: root } : {}),
    modelKey: makeModelKey(control).value,
    dispose,
  };
}

/** What the start tells is shown only when it fails: the drill has its own words. */
function quietOutput(output: Output, told: string[]): Output {
  const keep = (text: string): void => void told.push(text);
  return { ...output, note: keep, value: (_value, render) => keep(render(output.noteStyle)) };
}

const STOP_MS = 20_000;
const UP_OPTIONS = {
  isDetached: false,
  port: undefined,
  model: undefined,
  target: undefined,
  profiles: [],
  timeoutMs: undefined,
};
