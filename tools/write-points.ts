// Every file of source that can change something on a disk, what it writes, and the test that kills or fills the disk there. A file that
// imports a function that writes and is not named here fails `tools/write-points.test.ts`: whoever adds one says how it survives.

/** How a write survives a kill −9 and a full disk. */
export type WriteKind =
  /** Written beside its place and renamed: the old content or the new. Small files go through `wire/file/replace-file.ts`. */
  | "whole"
  /** Only ever appended; a torn last line is known by its check sum or its missing line end, and read over. */
  | "append"
  /** Transactions of SQLite: all of a change or nothing. */
  | "database"
  /** Folders, sockets, locks and temporary files without content to lose; what is left over is removed by the next start. */
  | "place"
  /** Opens files to read them. */
  | "read";

/** One file of source. */
export interface WritePoint {
  readonly kind: WriteKind;
  readonly writes: string;
  /** Absent for kinds that hold nothing to lose. */
  readonly test?: string;
}

/** The table, by file. */
export const WRITE_POINTS: Readonly<Record<string, WritePoint>> = {
  "packages/wire/src/file/replace-file.ts": {
    kind: "whole",
    writes:
      "snapshot, rates, sums of the ledger, calls that were lost, confirmed journals, learned figures, address of control, record of the app, " +
      "ports, configs and secrets of instances, undo records of drills, token and key secret",
    test: "packages/wire/src/file/replace-file.test.ts",
  },
  "packages/cli/src/output/write-whole-file.ts": {
    kind: "whole",
    writes: "what a command was told to write, the manifest of `init`, and the history of drills",
    test: "packages/cli/src/output/write-whole-file.test.ts",
  },
  "packages/control/src/store/open-database.ts": {
    kind: "database",
    writes: "control's store and the ledger in it; the backup before a migration",
    test: "packages/control/src/store/kill.test.ts",
  },
  "examples/qa/services/database/open-database.ts": {
    kind: "database",
    writes: "passages and answers of the example",
    test: "examples/qa/services/database/kill.test.ts",
  },
  "packages/gateway/src/ledger/journal-disk.ts": {
    kind: "append",
    writes: "the journal of calls, one file a worker at a time",
    test: "packages/gateway/src/ledger/kill-at-writes.test.ts",
  },
  "packages/wire/src/log/rotating-log.ts": {
    kind: "append",
    writes: "logs of instances, control and gateway",
    test: "packages/wire/src/log/log.test.ts",
  },
  "packages/gateway/src/ledger/remove-confirmed.ts": {
    kind: "place",
    writes: "removes journals that control has imported",
    test: "packages/gateway/src/ledger/kill-at-writes.test.ts",
  },
  "packages/drill/src/inject/fault-record.ts": {
    kind: "place",
    writes: "removes the undo record of a fault that was taken back",
  },
  "packages/drivers/src/process/instance-files.ts": { kind: "place", writes: "folders of instances and volumes" },
  "packages/drivers/src/process/forget-instance.ts": { kind: "place", writes: "removes folders of instances" },
  "packages/drivers/src/process/run-command.ts": { kind: "place", writes: "removes the folder of a one-off" },
  "packages/cli/src/app/app-record.ts": { kind: "place", writes: "the folders of an app" },
  "packages/cli/src/app/keeper-process.ts": {
    kind: "append",
    writes: "opens the keeper's log",
    test: "packages/keeper/src/run-keeper.test.ts",
  },
  "packages/cli/src/app/start-control.ts": { kind: "place", writes: "removes the address of a control that is gone" },
  "packages/cli/src/doctor/check-machine.ts": { kind: "place", writes: "a folder to try the disk with" },
  "packages/cli/src/drill/copy-folder.ts": { kind: "place", writes: "the temporary copy of an app" },
  "packages/cli/src/drill/history.ts": { kind: "place", writes: "the folder of drills; removes the oldest" },
  "packages/cli/src/drill/own-app.ts": { kind: "place", writes: "removes the state of a drill's own app" },
  "packages/wire/src/keeper/keeper-server.ts": { kind: "place", writes: "the keeper's socket and its folder" },
  "packages/wire/src/listen-json-lines.ts": { kind: "place", writes: "Unix sockets" },
  "packages/wire/src/process/open-output-pipes.ts": { kind: "place", writes: "pipes of children" },
  "examples/qa/services/database/server.ts": { kind: "place", writes: "the folder of the database" },
  "packages/control/src/ledger/import-journals.ts": { kind: "read", writes: "" },
  "packages/control/src/ledger/read-ledger.ts": { kind: "read", writes: "" },
  "packages/drivers/src/process/log-files.ts": { kind: "read", writes: "" },
  "packages/gateway/src/ledger/read-journal-tail.ts": { kind: "read", writes: "" },
  "packages/gateway/src/limits/sign-of-life.ts": { kind: "read", writes: "" },
};
