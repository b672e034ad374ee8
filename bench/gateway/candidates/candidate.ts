// What is measured: a gateway between the clients and the upstreams, or none.
import type { Bench } from "../bench.ts";
import type { AnswerKind } from "../upstream/answer-kind.ts";
import type { Upstreams } from "../upstream/start-upstreams.ts";

/** Where a client sends its calls for one kind of answer. */
export interface CallTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Used in turn. */
  readonly models: readonly string[];
  /** Used in turn; none: clients send no key. */
  readonly keys: readonly string[];
}

/** A candidate that serves. */
export interface RunningCandidate {
  target(kind: AnswerKind): CallTarget;
  /** The processes that a request goes through, as they are now. */
  servingPids(): readonly number[];
  /** Processes beside them: a keeper, a control plane. */
  besidePids(): readonly number[];
  /** From the start of its process to its first right answer; asked last, because the candidate may have to start again for it. */
  coldStartMs(): Promise<number>;
  stop(): Promise<void>;
}

/** What a candidate is started with. */
export interface CandidateStart {
  readonly bench: Bench;
  readonly upstreams: Upstreams;
  readonly workers: number;
}

/** A gateway that may be installed here. */
export interface Candidate {
  readonly name: string;
  /** It can run with more than one worker. */
  readonly hasWorkers: boolean;
  /** It runs only when it is named. */
  readonly isOnRequest?: boolean;
  /** Makes it ready to be started; answers why it is absent. */
  prepare(bench: Bench, mayInstall: boolean): Promise<{ readonly absent?: string; readonly version?: string }>;
  /** Resolves at its first right answer. */
  start(options: CandidateStart): Promise<RunningCandidate>;
}
