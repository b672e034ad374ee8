// Writes a call's answer down while it goes to its client, and keeps it when it is whole. An answer that is cut, resumed, refused, too long
// or not read to its end by its client is forgotten; the client's bytes are the same with and without.
import type { CallClient } from "../calls/call-client.ts";
import type { Exchange } from "../stages/exchange.ts";
import { headerValue } from "../stages/response-headers.ts";
import type { ResponseHead } from "../upstream/upstream.ts";
import type { ResponseStore } from "./response-store.ts";

/** Where an answer is kept. */
export interface AnswerPlace {
  readonly store: ResponseStore;
  readonly key: string;
  readonly isStream: boolean;
}

/** The client with a recorder before it. */
export function recordAnswer(client: CallClient, exchange: Exchange, place: AnswerPlace): CallClient {
  const { clock } = exchange.context;
  const recording = createRecording(place);
  exchange.response.once("close", recording.drop);
  return {
    hasContent: () => client.hasContent(),
    commit(head, bytes, options) {
      recording.begin(head, options.isEvents);
      recording.add(bytes);
      client.commit(head, bytes, options);
    },
    pass(bytes, flow) {
      recording.add(bytes);
      client.pass(bytes, flow);
    },
    end(bytes) {
      recording.add(bytes);
      recording.keep(clock.monotonic());
      client.end(bytes);
    },
    whole(head, bytes, origin) {
      recording.begin(head, false);
      recording.add(bytes);
      recording.keep(clock.monotonic());
      client.whole(head, bytes, origin);
    },
    error(error) {
      recording.drop();
      client.error(error);
    },
    comment(text) {
      recording.drop();
      client.comment(text);
    },
  };
}

interface Recording {
  /** The answer begins; one that is no 200, whole where a stream was asked for, or compressed all the same, is not written down. */
  begin(head: ResponseHead, isEvents: boolean): void;
  add(bytes: Buffer): void;
  keep(now: number): void;
  drop(): void;
}

/** Its bytes count against the bound of the store from the moment they come. */
function createRecording({ store, key, isStream }: AnswerPlace): Recording {
  let pieces: Buffer[] | undefined;
  let heldBytes = 0;
  let contentType = "";
  const drop = (): void => {
    pieces = undefined;
    store.release(heldBytes);
    heldBytes = 0;
  };
  return {
    begin(head, isEvents) {
      if (head.status !== 200 || isEvents !== isStream || isEncoded(head)) return;
      pieces = [];
      contentType = headerValue(head, "content-type") ?? "";
    },
    add(bytes) {
      if (!pieces || bytes.length === 0) return;
      if (!store.hold(bytes.length)) {
        drop();
        return;
      }
      heldBytes += bytes.length;
      pieces.push(bytes);
    },
    keep(now) {
      if (!pieces) return;
      const bytes = joinExactly(pieces, heldBytes);
      drop();
      store.keep(key, { contentType, bytes, isEvents: isStream }, now);
    },
    drop,
  };
}

function isEncoded(head: ResponseHead): boolean {
  return (headerValue(head, "content-encoding") ?? "identity") !== "identity";
}

/** In memory of its own: a small buffer of the shared pool would keep eight kilobytes alive. */
function joinExactly(pieces: readonly Buffer[], length: number): Buffer {
  const whole = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const piece of pieces) at += piece.copy(whole, at);
  return whole;
}
