// The sockets that a worker serves. What does not work is told once, and told again as mended when it works: a certificate that was put
// right on disk comes into use without a new snapshot.
import type { CancelTimer, ListenerSnapshot } from "@flyball/core";
import { listenOn, type HttpListener } from "../listen/http-listener.ts";
import { CERTIFICATE_CHECK_MS } from "../listen/tls-door.ts";
import { handleRequest } from "../stages/handle-request.ts";
import { handleUpgrade } from "../stages/handle-upgrade.ts";
import type { WorkerContext } from "./worker-context.ts";
import type { FromWorker, WorkerData } from "./worker-messages.ts";

/** What opening needs. */
export interface OpenListenersOptions {
  readonly context: WorkerContext;
  readonly descriptors: WorkerData["descriptors"];
  readonly send: (message: FromWorker) => void;
}

/** The listeners of a worker, bounded by its descriptors. */
export interface OpenListeners {
  readonly byId: ReadonlyMap<string, HttpListener>;
  /** Opens what is wanted and not open, and gives each its certificate. Never rejects. */
  open(wanted: readonly ListenerSnapshot[]): Promise<void>;
}

/** Creates it with nothing open. */
export function createOpenListeners({ context, descriptors, send }: OpenListenersOptions): OpenListeners {
  const byId = new Map<string, HttpListener>();
  const broken = new Map<string, ListenerSnapshot>();
  let stopChecking: CancelTimer | undefined;
  const openOne = async (wanted: ListenerSnapshot): Promise<void> => {
    const { id, tls } = wanted;
    const descriptor = descriptors[id];
    if (descriptor === undefined) return;
    const reason = await reasonOf(async () => {
      const listener = byId.get(id) ?? (await openListener(id, descriptor, context));
      byId.set(id, listener);
      return listener.secure(tls);
    });
    if (reason !== undefined) {
      broken.set(id, wanted);
      send({ type: "listen-failed", listener: id, reason });
    } else forget(id);
  };
  const forget = (id: string): void => {
    if (broken.delete(id)) send({ type: "listen-mended", listener: id });
  };
  const check = async (): Promise<void> => {
    for (const wanted of broken.values()) if (byId.has(wanted.id)) await openOne(wanted);
    watch();
  };
  const watch = (): void => {
    stopChecking?.();
    stopChecking = broken.size === 0 ? undefined : context.clock.after(CERTIFICATE_CHECK_MS, () => void check());
  };
  return {
    byId,
    async open(wanted) {
      for (const id of broken.keys()) {
        if (!wanted.some((each) => each.id === id)) forget(id);
      }
      for (const each of wanted) await openOne(each);
      watch();
    },
  };
}

async function reasonOf(act: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function openListener(id: string, descriptor: number, context: WorkerContext): Promise<HttpListener> {
  return listenOn(
    descriptor,
    {
      onRequest: (request, response) => handleRequest(context, id, request, response),
      onUpgrade: (request, socket, head) => handleUpgrade(context, id, { request, socket, head }),
      onConnections(change) {
        context.openConnections += change;
        context.metrics.openConnections.add(change);
      },
      onMalformed: () => context.metrics.refusedConnections.add(),
    },
    { clock: context.clock, logger: context.logger.with({ listener: id }) },
  );
}
