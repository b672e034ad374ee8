// A request through an upstream client with everything written down that came back, in order.
import type { Duplex } from "node:stream";
import type { ResponseHead, Upstream, UpstreamCall, UpstreamFailure, UpstreamHandler, UpstreamRequest } from "../upstream.ts";

/** A call with what was called back. */
export interface RecordedCall {
  readonly call: UpstreamCall;
  /** Names of callbacks; pieces of the body that follow each other are one `data`. */
  readonly events: string[];
  readonly information: ResponseHead[];
  head: ResponseHead | undefined;
  body: Buffer;
  failure: UpstreamFailure | undefined;
  socket: Duplex | undefined;
  /** Resolves at `onEnd`, `onUpgraded` or `onFailure`. */
  readonly done: Promise<RecordedCall>;
  /** Resolves once a callback has come. */
  on(event: string): Promise<void>;
}

/** Sends; absent parts are a plain GET of `/`. `more` is called besides the recording. */
export function record(upstream: Upstream, request: Partial<UpstreamRequest> = {}, more: Partial<UpstreamHandler> = {}): RecordedCall {
  const events: string[] = [];
  const waiting: { event: string; resolve: () => void }[] = [];
  const happened = (event: string): void => {
    if (events.at(-1) !== event || event !== "data") events.push(event);
    for (const each of waiting.filter((wait) => wait.event === event || event === "end" || event === "failure")) each.resolve();
  };
  let finish: (value: RecordedCall) => void = () => undefined;
  const done = new Promise<RecordedCall>((resolve) => (finish = resolve));
  const pieces: Buffer[] = [];
  const handler: UpstreamHandler = {
    onSent(isNewConnection) {
      happened("sent");
      more.onSent?.(isNewConnection);
    },
    onInformation(head) {
      recorded.information.push(head);
      happened("information");
      more.onInformation?.(head);
    },
    onHead(head) {
      recorded.head = head;
      happened("head");
      more.onHead?.(head);
    },
    onData(chunk) {
      pieces.push(chunk);
      happened("data");
      more.onData?.(chunk);
    },
    onBodyTaken: () => more.onBodyTaken?.(),
    onEnd() {
      recorded.body = Buffer.concat(pieces);
      happened("end");
      more.onEnd?.();
      finish(recorded);
    },
    onUpgraded(head, socket) {
      recorded.head = head;
      recorded.socket = socket;
      happened("upgraded");
      more.onUpgraded?.(head, socket);
      finish(recorded);
    },
    onFailure(failure) {
      recorded.failure = failure;
      recorded.body = Buffer.concat(pieces);
      happened("failure");
      more.onFailure?.(failure);
      finish(recorded);
    },
  };
  const recorded: RecordedCall = {
    events,
    information: [],
    head: undefined,
    body: Buffer.alloc(0),
    failure: undefined,
    socket: undefined,
    done,
    on: (event) =>
      events.includes(event) ? Promise.resolve() : new Promise((resolve) => waiting.push({ event, resolve })),
    call: upstream.send({ method: "GET", path: "/", headers: ["host", "x"], body: null, ...request }, handler),
  };
  return recorded;
}
