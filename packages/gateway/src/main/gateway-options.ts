// What a gateway process gives to the gateway that it runs.
import type { Clock, StateLayout } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import type { InheritedListener } from "../listen/parse-inherited-listeners.ts";

/** Options of `startGateway`. */
export interface GatewayOptions {
  readonly layout: Pick<StateLayout, "snapshotFile" | "linkSocket" | "journalFolder">;
  /** From `parseInheritedListeners`. Each needs one descriptor per worker; further ones replace workers that die. */
  readonly listeners: readonly InheritedListener[];
  readonly workers: number;
  readonly generation: number;
  /** The file that calls `runGatewayWorker`. */
  readonly workerEntry: URL;
  /** Secret values by name, from the keeper; a name that it does not know is left out. */
  readonly readSecrets: (names: readonly string[]) => Promise<Readonly<Record<string, string>>>;
  /** Called once: every worker serves a snapshot on every listener. */
  readonly onReady: () => void;
  /** How long a drain waits for what runs, streams included. Default 30 s. */
  readonly drainLimitMs?: number;
  /** Aborts when the keeper is gone: the gateway ends within five seconds. */
  readonly signal?: AbortSignal;
  /** Where traces and the log level are read from; the process's own unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Whether the metrics of the app's engines are read; true unless given. */
  readonly scrapesEngines?: boolean;
  readonly clock?: Clock;
  readonly logger?: Logger;
}
