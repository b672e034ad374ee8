// Has the keeper start control: secrets first, then the socket of the API, then the process itself.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type AppSpec, type Clock, sleep } from "@flyball/core";
import type { ControlClient } from "@flyball/client";
import type { KeeperClient } from "@flyball/wire";
import { formatSystemArguments, type SystemArguments } from "../entries/system-arguments.ts";
import { localisedError, localText } from "../messages/localised-error.ts";
import type { AppRecord } from "./app-record.ts";
import { ensureToken, KEYS_SECRET, keysSecret, secretVariables } from "./collect-secrets.ts";
import { KEEPER_TAG_VARIABLE } from "./keeper-process.ts";
import { connectControl } from "./open-control.ts";

/** The wished port of the control API; the next free one is taken. */
export const CONTROL_PORT = 7070;
const CONTROL_PORT_TRIES = 50;
const CONTROL_START_LIMIT_MS = 20_000;

/** What control is started with. */
export interface StartControlOptions {
  readonly keeper: KeeperClient;
  readonly record: AppRecord;
  readonly system: SystemArguments;
  readonly spec: AppSpec;
  /** Variables that the manifest reads: control needs them to read it again. */
  readonly usedVariables: readonly string[];
  /** Values by name, as \`collectSecrets\` found them. */
  readonly secretValues: Readonly<Record<string, string>>;
  /** The user's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The entry's command line without its arguments. */
  readonly entry: readonly string[];
  readonly clock: Clock;
  readonly userName: string;
  readonly commandLine: string;
}

/** Gives the keeper the values of all secrets that the spec uses. */
export async function putSecrets({
  keeper,
  record,
  secretValues,
}: Pick<StartControlOptions, "keeper" | "record" | "secretValues">): Promise<void> {
  await keeper.call("secrets-put", { values: { ...secretValues, [KEYS_SECRET]: keysSecret(record.layout) } });
}

/** Starts control when the keeper has none, and waits until it answers. */
export async function startControl(options: StartControlOptions): Promise<ControlClient> {
  const { keeper, record, system, entry } = options;
  await putSecrets(options);
  ensureToken(record.layout);
  // An address that an earlier control left may belong to another app by now.
  rmSync(record.layout.controlFile, { force: true });
  await keeper.call("bind", { id: "control", host: "127.0.0.1", port: CONTROL_PORT, tryNext: CONTROL_PORT_TRIES });
  await keeper.call("system-start", {
    name: "control",
    argv: [...entry, ...formatSystemArguments(system)],
    workingDirectory: record.layout.directory,
    environment: controlEnvironment(options),
    listeners: ["control"],
    copies: 1,
  });
  return await waitForControl(options);
}

async function waitForControl(options: StartControlOptions): Promise<ControlClient> {
  const { keeper, record, clock, userName, commandLine } = options;
  const deadline = clock.monotonic() + CONTROL_START_LIMIT_MS;
  for (;;) {
    try {
      return await connectControl({ layout: record.layout, clock, userName, commandLine, patienceMs: 500 });
    } catch (error) {
      const { processes } = await keeper.call("system-list", {});
      const control = processes.find(({ name }) => name === "control");
      const isFailing = control !== undefined && control.restarts >= 3 && control.lastExit !== undefined;
      if (!isFailing && clock.monotonic() < deadline) await sleep(clock, 20);
      else throw controlTimedOut(record, error);
    }
  }
}

function controlTimedOut(record: AppRecord, cause: unknown): Error {
  const path = join(record.layout.logs, "@control", "0.log");
  const error = localisedError(
    "FB_CLI_TIMED_OUT",
    { what: localText("up.start-of-control", {}), remedy: localText("up.look-at-logs", { path }) },
    { timeoutSeconds: CONTROL_START_LIMIT_MS / 1_000 },
  );
  error.cause = cause;
  return error;
}

/** The user's environment without secret values (the keeper has them) and without what concerns only this command. */
function controlEnvironment({ environment, spec, usedVariables }: StartControlOptions): Record<string, string> {
  const secretValues = secretVariables(spec).filter((name) => !usedVariables.includes(name));
  const hidden = new Set([...secretValues, KEEPER_TAG_VARIABLE, "FLYBALL_PARENT", "FLYBALL_INSTANCE"]);
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !hidden.has(entry[0]),
    ),
  );
}
