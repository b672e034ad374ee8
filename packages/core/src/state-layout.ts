// Where an app keeps what must survive a restart. One folder per app and clone, outside the user's tree, so a clone stays clean
// and two clones run side by side. Unix socket paths are limited to 107 bytes: the caller checks with `socketPathFits`.
import { join } from "node:path";

/** The files and folders of one app on this machine. */
export interface StateLayout {
  readonly directory: string;
  readonly keeperSocket: string;
  readonly keeperLog: string;
  /** Gateways dial this socket to fetch snapshots and to send signals (link protocol). */
  readonly linkSocket: string;
  /** `{url, pid, port}` of the control API, written by control once it listens. */
  readonly controlFile: string;
  /** Bearer token of the control API, mode 0600. */
  readonly tokenFile: string;
  readonly store: string;
  /** The last snapshot, for a gateway that starts while control is away. */
  readonly snapshotFile: string;
  /** What gateways write of their calls until control has imported it (mode 0700, files 0600). */
  readonly journalFolder: string;
  readonly logs: string;
  readonly volumes: string;
  /** Files made for instances (configs, secret files), by revision. */
  readonly run: string;
}

/** `FLYBALL_STATE`, else `XDG_STATE_HOME/flyball`, else `~/.local/state/flyball`. */
export function stateRoot(environment: Readonly<Record<string, string | undefined>>, home: string): string {
  if (environment["FLYBALL_STATE"]) return environment["FLYBALL_STATE"];
  if (environment["XDG_STATE_HOME"]) return join(environment["XDG_STATE_HOME"], "flyball");
  return join(home, ".local", "state", "flyball");
}

/** The layout for one app and clone below a state root. */
export function stateLayout(root: string, app: string, clone: string): StateLayout {
  const directory = join(root, `${app}.${clone}`);
  return {
    directory,
    keeperSocket: join(directory, "keeper.sock"),
    keeperLog: join(directory, "keeper.log"),
    linkSocket: join(directory, "link.sock"),
    controlFile: join(directory, "control.json"),
    tokenFile: join(directory, "token"),
    store: join(directory, "store.db"),
    snapshotFile: join(directory, "snapshot.json"),
    journalFolder: join(directory, "journal"),
    logs: join(directory, "logs"),
    volumes: join(directory, "volumes"),
    run: join(directory, "run"),
  };
}

/** Whether a Unix socket can have this path (sun_path holds 108 bytes with its terminator). */
export function socketPathFits(path: string): boolean {
  return Buffer.byteLength(path) <= 107;
}
