// What `init` found in a folder, before it is written as a manifest.
import type { LocalText } from "../messages/localised-error.ts";

/** A port of a found program. */
export interface FoundPort {
  readonly protocol: "http" | "tcp";
  /** The port that the program itself listens on, when it does not read PORT. */
  readonly port?: number;
  readonly published?: number;
}

/** A program that was found. Either a command or an external address. */
export interface FoundService {
  readonly name: string;
  /** `job` ends by itself. */
  readonly kind?: "job";
  /** Where it was found: `package.json`, `compose.yaml`. */
  readonly source: string;
  readonly command?: readonly string[];
  /** `host:port` of a program that somebody else runs. */
  readonly external?: string;
  /** Relative to the manifest; absent: its own folder. */
  readonly workingDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly envFiles?: readonly string[];
  /** Empty: it listens on nothing. Absent: one http port. */
  readonly ports?: readonly FoundPort[];
  readonly dependsOn?: readonly { readonly service: string; readonly condition: "started" | "ready" | "completed" }[];
  readonly healthcheck?: FoundHealthcheck;
  readonly replicas?: number;
  readonly restart?: "on-failure" | "never";
  readonly profiles?: readonly string[];
  /** Sentences that stand above the service as comments: what was left out and why. */
  readonly comments: readonly LocalText[];
}

/** A health check by command. Durations are in seconds. */
export interface FoundHealthcheck {
  readonly command: readonly string[];
  readonly intervalSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly startPeriodSeconds?: number;
  readonly retries?: number;
}

/** A file that could not be used, with the reason. */
export interface FoundServices {
  readonly services: readonly FoundService[];
  /** Sentences for the head of the manifest. */
  readonly comments: readonly LocalText[];
}

/** The files that `init` may look at. */
export interface ProjectFolder {
  /** The folder's own name. */
  readonly name: string;
  /** A file's text; undefined when it is not there. The path is relative and stays inside. */
  read(path: string): string | undefined;
  /** Names of the folders directly below, without hidden ones. */
  folders(): readonly string[];
}
