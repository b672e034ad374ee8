// A client of the running app's control API. Control may be away for a moment (the keeper starts it again within 2 s), so it is asked
// for a little while before a command gives up.
import { readFileSync } from "node:fs";
import { type ControlClient, createControlClient } from "@flyball/client";
import { type Clock, FlyballError, isFlyballError, sleep, type StateLayout } from "@flyball/core";
import type { CommandContext } from "../command-line/command-context.ts";
import { findRunningApp, type FoundApp } from "./find-app.ts";

/** A running app and its control. */
export interface OpenControl {
  readonly app: FoundApp;
  readonly control: ControlClient;
}

const RETRY_MS = 50;
/** Control is back 2 s after it died, and a machine under load gets some more. */
export const CONTROL_PATIENCE_MS = 6_000;

/** Finds the app that is meant and waits for its control. */
export async function openControl(context: CommandContext): Promise<OpenControl> {
  const app = await findRunningApp(context);
  return { app, control: await connectControl({ ...context, layout: app.layout, patienceMs: CONTROL_PATIENCE_MS }) };
}

/** How to connect. */
export interface ConnectControlOptions {
  readonly layout: StateLayout;
  readonly clock: Clock;
  /** Who asks; stands in the audit trail. */
  readonly userName: string;
  /** What was typed; stands there too. */
  readonly commandLine: string;
  readonly patienceMs: number;
}

/** Waits until control answers its health check; FB_CONTROL_UNREACHABLE after `patienceMs`. */
export async function connectControl({
  layout,
  clock,
  userName,
  commandLine,
  patienceMs,
}: ConnectControlOptions): Promise<ControlClient> {
  const deadline = clock.monotonic() + patienceMs;
  for (;;) {
    try {
      const control = readControl(layout, { clock, actor: userName, command: commandLine });
      await control.health(AbortSignal.timeout(1_000));
      return control;
    } catch (error) {
      if (clock.monotonic() < deadline) await sleep(clock, RETRY_MS);
      else if (isFlyballError(error)) throw error;
      else throw new FlyballError("FB_CONTROL_UNREACHABLE", { url: layout.controlFile }, error);
    }
  }
}

function readControl(
  layout: StateLayout,
  asked: { readonly clock: Clock; readonly actor: string; readonly command: string },
): ControlClient {
  const { url } = JSON.parse(readFileSync(layout.controlFile, "utf8")) as { readonly url: string };
  const token = readFileSync(layout.tokenFile, "utf8").trim();
  return createControlClient({ url, token, ...asked });
}
