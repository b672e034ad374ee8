// What is done to one of the two replicas. Each lasts until its process ends; nobody takes it back.

/** A fault by a signal. */
export interface PeerFault {
  /** On the command line. */
  readonly id: string;
  readonly name: string;
  readonly signal: NodeJS.Signals;
}

/** All of them; what the last three do stands in serve-app.mjs. */
export const PEER_FAULTS: readonly PeerFault[] = [
  { id: "kill", name: "kill -9", signal: "SIGKILL" },
  { id: "frozen", name: "frozen (SIGSTOP)", signal: "SIGSTOP" },
  { id: "hang", name: "requests hang, health is fine", signal: "SIGUSR2" },
  { id: "errors", name: "half of the answers are errors", signal: "SIGHUP" },
  { id: "slow", name: "ten times slower", signal: "SIGWINCH" },
];
