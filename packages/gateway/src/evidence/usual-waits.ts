// How long answers of a pool usually let wait, in this worker: for each route that leads to it, and for each model, streams apart from whole answers.
// Bounded: beyond 256 kinds of requests the others share what is known.
import { createUsualTime, type UsualTime, type UsualTimeOptions } from "@flyball/traffic";

/** Kinds of requests that are told apart in one pool. */
const MOST_KINDS = 256;
const OTHERS = "";

/** What is usual for one kind of request. */
export interface UsualWaits {
  /** Until the first byte, or the first content of a stream. */
  readonly firstByte: UsualTime;
  /** The longest silence of a stream; undefined: nobody says how often something has to come. */
  readonly silence: UsualTime | undefined;
}

/** A plain request, a model's stream, a model's answer in one piece. */
export type WaitKind = "plain" | "stream" | "whole";

/** All of one pool. */
export interface UsualWaitsBook {
  /** Of a route or a model by its name. */
  of(kind: WaitKind, name: string): UsualWaits;
}

const FIRST_BYTE: Readonly<Record<WaitKind, UsualTimeOptions>> = {
  plain: { floorMs: 1_000, unknownMs: 10_000 },
  // A long prompt takes seconds to be read, and an engine that has just begun its time to warm up.
  stream: { floorMs: 2_000, unknownMs: 30_000 },
  whole: { floorMs: 2_000, unknownMs: 60_000 },
};
const SILENCE: UsualTimeOptions = { floorMs: 3_000, unknownMs: 15_000 };

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
      };
      book.set(book.size < MOST_KINDS ? name : OTHERS, fresh);
      return fresh;
    },
  };
}
