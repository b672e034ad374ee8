// Clients that do not read. Back-pressure keeps what waits for them small, but it also holds the upstream's answer, so a client that
// takes nothing for a minute is dropped and its place is free again.
import type { Clock } from "@flyball/core";
import type { ListenerLimits } from "./listener-limits.ts";

/** What something writes to: a socket, or a stream of a connection. */
export interface Reader {
  /** Bytes that wait to be taken. */
  readonly writableLength: number;
  /** Bytes that were written to it so far, those that wait included. */
  readonly bytesWritten: number;
  /** Node's own handle of a socket: how much of a write that runs is not gone yet. */
  readonly _handle?: { readonly writeQueueSize?: number } | null;
  destroy(): void;
  once(event: "close", listener: () => void): unknown;
}

/** Watches readers. Bounded by the connections and their streams. */
export interface ReaderWatch {
  /** Watches it until it closes. */
  add(reader: Reader): void;
  stop(): void;
}

interface Stall {
  taken: number;
  since: number;
}

/** Begins to watch. */
export function watchReaders(clock: Clock, { readerStallMs, checkEveryMs }: ListenerLimits): ReaderWatch {
  const readers = new Map<Reader, Stall | undefined>();
  const look = (): void => {
    const now = clock.monotonic();
    for (const [reader, stall] of readers) {
      const taken = reader.bytesWritten - reader.writableLength - (reader._handle?.writeQueueSize ?? 0);
      if (reader.writableLength === 0) {
        if (stall) readers.set(reader, undefined);
      } else if (stall?.taken !== taken) readers.set(reader, { taken, since: now });
      else if (now - stall.since >= readerStallMs) {
        readers.delete(reader);
        reader.destroy();
      }
    }
  };
  const stop = clock.every(checkEveryMs, look);
  return {
    add(reader) {
      readers.set(reader, undefined);
      reader.once("close", () => readers.delete(reader));
    },
    stop,
  };
}
