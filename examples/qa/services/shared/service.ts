// What a service of this example is made of: routes, a cheap health check and two steps at the end of its life.
// The server (serve.ts) owns sockets and draining; a service owns only its answers.
import type { IncomingMessage, ServerResponse } from "node:http";

/** One request on its way through a handler. */
export interface RequestContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** Values of the `:name` parts of the route's path. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Aborts when the client leaves before the response is complete. */
  readonly signal: AbortSignal;
}

/** A path such as `/candidates/:id/approve` with one method; GET answers HEAD too. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly handle: (context: RequestContext) => Promise<void> | void;
}

/** A service before it listens. */
export interface Service {
  readonly routes: readonly Route[];
  /** Own readiness only; a dependency that is away must not make this service look broken. */
  readonly isHealthy: () => boolean;
  /** Resolves when work that outlives its request is done. */
  readonly settle: () => Promise<void>;
  /** Frees what the service holds; idempotent. */
  readonly dispose: () => void;
}
