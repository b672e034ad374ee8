// What an app's past holds: revisions, incidents and the audit trail. Control is asked while the app runs; after `down` the same is read from its store, as
// a person most wants to know what went wrong when nothing runs any more.
import { existsSync } from "node:fs";
import type { ControlClient } from "@flyball/client";
import type { openSqliteStore as OpenSqliteStore } from "@flyball/control";
import { type AppSpec, diffSpecs, FlyballError } from "@flyball/core";
import type { CommandContext } from "../command-line/command-context.ts";
import { findApp, notRunning } from "./find-app.ts";
import { connectControl, CONTROL_PATIENCE_MS } from "./open-control.ts";

/** The reading calls of the control API, answered by whoever can. */
export type AppRecords = Pick<ControlClient, "revisions" | "diff" | "incidents" | "incident" | "audit">;

/** Hands the records to `use` and closes them after; FB_CLI_NOT_RUNNING where nothing is stored either. */
export async function withRecords<Result>(
  context: CommandContext,
  use: (records: AppRecords) => Promise<Result>,
): Promise<Result> {
  const { layout, app, isRunning } = await findApp(context);
  if (isRunning) return await use(await connectControl({ ...context, layout, patienceMs: CONTROL_PATIENCE_MS }));
  if (!existsSync(layout.store)) throw notRunning(app, context);
  context.output.note(context.translate("records.stored", { app }));
  const { openSqliteStore } = await import("@flyball/control");
  const store = openSqliteStore(layout.store);
  try {
    return await use(storedRecords(store));
  } finally {
    store.close();
  }
}

type Store = ReturnType<typeof OpenSqliteStore>;

function storedRecords({ revisions, incidents, audit }: Store): AppRecords {
  const current = (): number => revisions.latest()?.number ?? 0;
  return {
    revisions: async () => ({ revisions: revisions.list(), current: current() }),
    async diff({ to = current(), from = Math.max(1, to - 1) }) {
      const specOf = (number: number): AppSpec => {
        const found = revisions.get(number);
        if (found === undefined) throw notFound("revision", String(number), "flyball history");
        return found.spec;
      };
      return { changes: diffSpecs(specOf(from), specOf(to)) };
    },
    incidents: async ({ limit = 50, state } = {}) => ({
      incidents: incidents.list({ limit, ...(state === undefined ? {} : { state }) }),
    }),
    audit: async ({ limit = 50, since } = {}) => ({
      entries: audit.list({ limit, ...(since === undefined ? {} : { since }) }),
    }),
    async incident(numberOrId) {
      const found = incidents.get(numberOrId);
      if (found === undefined) throw notFound("incident", numberOrId, "flyball incidents");
      return found;
    },
  };
}

function notFound(what: string, name: string, command: string): FlyballError {
  return new FlyballError("FB_CONTROL_NOT_FOUND", { what, name, remedy: `Try: ${command}` });
}
