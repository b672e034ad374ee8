// How long answers of a pool usually let wait, in this worker: for each route that leads to it, and for each model, streams apart from whole answers.
// Where this worker has seen too few, it goes by what another one has learned.
// Bounded: beyond 256 kinds of requests the others share what is known.
import { boundMs, createUsualTime, type UsualTime, type UsualTimeOptions } from "@flyball/traffic";

/** Kinds of requests that are told apart in one pool. */
const MOST_KINDS = 256;
const OTHERS = "";

/** What is usual for one kind of request. */
export interface UsualWaits {
  /** Until the first byte, or the first content of a stream. */
  readonly firstByte: UsualTime;
  /** The longest silence of a stream; undefined: nobody says how often something has to come. */
  readonly silence: UsualTime | undefined;
  /** Bounds that another worker has learned; undefined: none has said so. */
  heard: Pick<LearnedWait, "firstByteMs" | "silenceMs"> | undefined;
}

/** A plain request, a model's stream, a model's answer in one piece. */
export type WaitKind = "plain" | "stream" | "whole";

/** What one worker has learned of one kind of request; a bound is undefined while it knows too little. */
export interface LearnedWait {
  readonly kind: WaitKind;
  /** Of the route or the model. */
  readonly name: string;
  readonly firstByteMs: number | undefined;
  readonly silenceMs: number | undefined;
}

/** All of one pool. */
export interface UsualWaitsBook {
  /** What is known here, for the other workers. */
  learned(): readonly LearnedWait[];
  hear(learned: readonly LearnedWait[]): void;
  /** Of a route or a model by its name. */
  of(kind: WaitKind, name: string): UsualWaits;
}

const KINDS: readonly WaitKind[] = ["plain", "stream", "whole"];
const FIRST_BYTE: Readonly<Record<WaitKind, UsualTimeOptions>> = {
  plain: { floorMs: 1_000, unknownMs: 10_000 },
  // A long prompt takes seconds to be read, and an engine that has just begun its time to warm up.
  stream: { floorMs: 2_000, unknownMs: 30_000 },
  whole: { floorMs: 2_000, unknownMs: 60_000 },
};
const SILENCE: UsualTimeOptions = { floorMs: 3_000, unknownMs: 15_000 };

/** Beyond it a wait for a first byte, or a silence, is not usual. */
export function waitBoundMs({ firstByte, silence, heard }: UsualWaits, wait: "first-byte" | "silence"): number {
  const usual = wait === "silence" ? silence : firstByte;
  const told = wait === "silence" ? heard?.silenceMs : heard?.firstByteMs;
  if (usual === undefined) return Infinity;
  return usual.learnedMs === undefined && told !== undefined ? Math.max(usual.floorMs, told) : boundMs(usual);
}

/** A trial is not given less. */
const LEAST_TRIAL_MS = 200;

/**
 * Of the one request that finds out whether a silent endpoint answers again: what is usual there, without the floor. It is somebody's request, and
 * one that is taken away too soon costs nothing but another trial.
 */
export function trialBoundMs(usual: UsualWaits, wait: "first-byte" | "silence"): number {
  const { learnedMs } = (wait === "silence" ? usual.silence : usual.firstByte) ?? {};
  const bound = waitBoundMs(usual, wait);
  return learnedMs === undefined ? bound : Math.min(bound, Math.max(LEAST_TRIAL_MS, learnedMs));
}

/** Of a bound: beyond it a wait is on its way to be none that is usual. By the way bounds are learned, two in three hundred are. */
const STRAIN_SHARE = 1 / 3;

/** The same where a wait is only to explain others. What nobody has learned yet is strained by the shortest bound that there could be. */
export function strainBoundMs(usual: UsualWaits, wait: "first-byte" | "silence"): number {
  const { firstByte, silence, heard } = usual;
  const time = wait === "silence" ? silence : firstByte;
  if (time === undefined) return Infinity;
  const told = wait === "silence" ? heard?.silenceMs : heard?.firstByteMs;
  const isKnown = time.learnedMs !== undefined || told !== undefined;
  return STRAIN_SHARE * (isKnown ? waitBoundMs(usual, wait) : time.floorMs);
}

/** An empty book. */
export function createUsualWaitsBook(): UsualWaitsBook {
  const books: Readonly<Record<WaitKind, Map<string, UsualWaits>>> = {
    plain: new Map(),
    stream: new Map(),
    whole: new Map(),
  };
  return {
    of(kind, name) {
      const book = books[kind];
      const known = book.get(name) ?? (book.size < MOST_KINDS ? undefined : book.get(OTHERS));
      if (known !== undefined) return known;
      const fresh: UsualWaits = {
        firstByte: createUsualTime(FIRST_BYTE[kind]),
        silence: kind === "stream" ? createUsualTime(SILENCE) : undefined,
        heard: undefined,
      };
      book.set(book.size < MOST_KINDS ? name : OTHERS, fresh);
      return fresh;
    },
    learned: () =>
      KINDS.flatMap((kind) =>
        [...books[kind]].flatMap(([name, { firstByte, silence }]): LearnedWait[] => {
          if (firstByte.learnedMs === undefined) return [];
          const silenceMs = silence?.learnedMs === undefined ? undefined : boundMs(silence);
          return [{ kind, name, firstByteMs: boundMs(firstByte), silenceMs }];
        }),
      ),
    hear(learned) {
      for (const { kind, name, firstByteMs, silenceMs } of learned)
        this.of(kind, name).heard = { firstByteMs, silenceMs };
    },
  };
}
