// What starting an engine gives, the same for each: an address and the two ways to end it.

import { createOpenAiServer } from "./openai/openai-server.ts";
import type { ServerAddress } from "./openai/openai-server.ts";
import type { EngineClock } from "./openai/engine-clock.ts";
import type { Engine } from "./openai/engine.ts";

/** Options that every engine takes. */
export interface EngineServerOptions {
  /** Address to bind; loopback unless said. */
  readonly host?: string;
  /** Port to bind; 0 or nothing takes a free one. */
  readonly port?: number;
  /** The model name that clients ask for. */
  readonly model?: string;
  /** Aborting it drains the engine. */
  readonly signal?: AbortSignal;
  /** How long running requests may take while draining; 8 s unless said, less than the usual time until SIGKILL. */
  readonly graceMs?: number;
  readonly clock?: EngineClock;
}

/** An engine that listens. */
export interface RunningEngine extends ServerAddress {
  readonly model: string;
  /** Accepts nothing new, finishes what runs within the grace, then closes. */
  drain(): Promise<void>;
  /** Closes at once. */
  stop(): Promise<void>;
  /** Resolves when the engine has closed, however that came about. */
  readonly closed: Promise<void>;
}

/** Time for running requests while draining, in milliseconds. */
export const defaultGraceMs = 8000;

/** Puts an engine behind a server and starts it. Rejects when it cannot listen. */
export async function startEngineServer(
  engine: Engine,
  options: EngineServerOptions & { readonly model: string },
): Promise<RunningEngine> {
  const server = createOpenAiServer({
    engine,
    model: options.model,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  const address = await server.start(options.host ?? "127.0.0.1", options.port ?? 0);
  const closing = Promise.withResolvers<void>();
  const end = async (ended: Promise<void>): Promise<void> => {
    await ended;
    closing.resolve();
  };
  const running: RunningEngine = {
    ...address,
    model: options.model,
    drain: () => end(server.drain(options.graceMs ?? defaultGraceMs)),
    stop: () => end(server.stop()),
    closed: closing.promise,
  };
  const { signal } = options;
  if (signal?.aborted === true) void running.drain();
  signal?.addEventListener("abort", () => void running.drain(), { once: true });
  return running;
}
