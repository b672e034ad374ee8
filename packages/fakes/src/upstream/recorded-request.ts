// What a FakeUpstream remembers of each request, so that a test can say who asked what, how often, and what became of it.
import type { IncomingHttpHeaders } from "node:http";

/** How a request ended. `aborted`: the client left first. `cut`: a fault knob broke the connection. `open`: it has not ended. */
export type RequestOutcome = "open" | "completed" | "aborted" | "cut";

/** One request as it arrived. Grows while the request is open. */
export interface RecordedRequest {
  /** Counts from 0 in the order of arrival. */
  readonly index: number;
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  /** Lower-case names; `rawHeaders` of Node, joined as Node joins them. */
  readonly headers: IncomingHttpHeaders;
  /** The whole body once `isExecuted`; at most the first 4 MiB are kept. */
  readonly body: Buffer;
  /** The body was read to its end, so the upstream acted on the request: what a double execution is counted by. */
  readonly isExecuted: boolean;
  readonly outcome: RequestOutcome;
  /** Bytes of the response's body that were handed to the socket. */
  readonly bytesSent: number;
  /** Monotonic milliseconds of the upstream's clock. */
  readonly receivedAt: number;
  readonly endedAt: number | undefined;
}

/** Sums over all requests since the upstream was made; they outlive the bounded list of requests. */
export interface UpstreamCounts {
  readonly connections: number;
  readonly requests: number;
  readonly executions: number;
  readonly completed: number;
  readonly aborted: number;
  readonly cut: number;
  /** Requests open now. */
  readonly open: number;
}
