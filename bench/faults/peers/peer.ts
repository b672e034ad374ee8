// What stands between the clients and the two replicas of the app, and what keeps these running.
import type { Bench } from "../../gateway/bench.ts";

/** Where the clients send their requests. */
export type LoadTarget =
  /** In turns, over a list that does not change. */
  | { readonly kind: "list"; readonly urls: readonly string[] }
  /** In turns, over what a name server says at present; the clients live in the network of this process. */
  | { readonly kind: "names"; readonly name: string; readonly port: number; readonly networkOf: number };

/** One replica that runs. */
export interface Replica {
  readonly pid: number;
  /** What it answers to every request. */
  readonly says: string;
}

/** The app under one peer. */
export interface RunningPeer {
  readonly target: LoadTarget;
  replicas(): Promise<readonly Replica[]>;
  stop(): Promise<void>;
}

/** One way to run the app. */
export interface Peer {
  /** On the command line. */
  readonly id: string;
  readonly name: string;
  /** How it was set up, for the report. */
  readonly set: string;
  /** Its version, or why it cannot be here. */
  prepare(): Promise<{ readonly version: string } | { readonly absent: string }>;
  /** The app is up when it returns. */
  start(bench: Bench): Promise<RunningPeer>;
}
