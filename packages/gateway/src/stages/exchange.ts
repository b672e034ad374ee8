// One request on its way through the stages: what was learned of it so far. Plain data; each stage reads and writes its own part.
import type { ClientRequest, ClientResponse } from "../listen/client-request.ts";
import type { CallClient } from "../calls/call-client.ts";
import type { ModelCall } from "../calls/model-call.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { Forecast } from "../learn/forecast.ts";
import type { CallAccount } from "../ledger/call-account.ts";
import type { CallTrace } from "../traces/call-trace.ts";
import type { Explanation } from "../schedule/explanation.ts";
import type { AskedWork } from "../schedule/scheduled-request-of.ts";
import type { Pool } from "../worker/pool.ts";
import type { ServingKey, ServingListener, ServingRoute, ServingState } from "../worker/serving-state.ts";
import type { WorkerContext } from "../worker/worker-context.ts";

/**
 * Why a request was turned away because too many came. deadline: it would have waited past its deadline, or for more than two seconds.
 * waited: it did. queue-full: others came first. shed: its class, and in it its caller, was out.
 */
export type ShedReason = "deadline" | "waited" | "queue-full" | "shed";

/** What can be ended early. */
export interface Cancellable {
  cancel(): void;
}

/** A request from accept to record. Times are monotonic milliseconds. */
export interface Exchange {
  readonly context: WorkerContext;
  /** What is served; kept although a newer snapshot comes in. */
  readonly serving: ServingState;
  readonly listener: ServingListener;
  readonly request: ClientRequest;
  readonly response: ClientResponse;
  readonly id: string;
  readonly method: string;
  /** Path with query, in origin form. */
  readonly target: string;
  readonly path: string;
  /** Lower case, without port. */
  readonly host: string;
  readonly startedAt: number;
  /** From the client's deadline header and the route's total limit; Infinity without. */
  deadlineAt: number;
  /** Who asks; undefined without a key. */
  key: ServingKey | undefined;
  /** undefined until it was found. */
  route: ServingRoute | undefined;
  /** undefined: it was not. */
  shed: ShedReason | undefined;
  /** The code of the error that the client of a model call was told, which may be a backend's own; undefined: none was. Of a plain request only that the gateway stops. */
  toldError: string | undefined;
  /** Whose numbers it counts in. */
  pool: Pool | undefined;
  /** The backend of a model call that was asked last; undefined: none was. */
  backend: string | undefined;
  /** Attempts that may have sent something. */
  attemptsSent: number;
  wasRetried: boolean;
  /** What it asks of scheduled pools; known when the first of them is asked. */
  asked: AskedWork | undefined;
  /** Why it went where it went; undefined: no scheduled pool was asked. */
  explanation: Explanation | undefined;
  /** When waiting for an endpoint ends; set at the first wait. */
  waitUntil: number | undefined;
  /** Nobody waits for an answer any more: the client left, or was told that the gateway stops. */
  isClientGone: boolean;
  /** Of a model request, as soon as it is known: errors are told in its words. */
  dialect: Dialect | undefined;
  /** Who gets the answer of a model call, once it runs. */
  client: CallClient | undefined;
  /**
   * What runs for this request: an attempt, or a wait. Cancelled when the client leaves. An object and not a function: a closure
   * stored in a property of another object survives young collections, and with it all that it reaches.
   */
  running: Cancellable | undefined;
  /** The client got less than a whole response. */
  wasBrokenOff: boolean;
  isRecorded: boolean;
  /** CORS headers stand on the response already; those of the upstream are left out. */
  readonly hasCors: boolean;
  /** What a model call has reserved, until it is settled. */
  account: CallAccount | undefined;
  firstContentAt: number | undefined;
  wasResumed: boolean;
  wasHedged: boolean;
  /** Answered from the cache: nobody was asked. */
  wasCached: boolean;
  /** What was expected of a model call when it came; undefined: nothing, its answer is no text. */
  forecast: Forecast | undefined;
  /** The model call that it turned out to be, once it was read. */
  call: ModelCall | undefined;
  /** Of a model call, while traces are kept. */
  trace: CallTrace | undefined;
}
