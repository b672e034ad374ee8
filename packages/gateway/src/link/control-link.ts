// The gateway's end of the link to control: dials for ever with a short back-off, says hello, hands snapshots in, sends signals out.
// Nothing waits for it: without a link the gateway serves what it has.
import { LINK_PROTOCOL, type Clock, type LinkFromControl, type LinkFromGateway } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import { dialJsonLines, type JsonLinesConnection } from "@flyball/wire";

/** Longest pause between two dials. */
export const MAX_REDIAL_MS = 500;
const FIRST_REDIAL_MS = 50;

/** What the link needs. */
export interface ControlLinkOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hello: () => Extract<LinkFromGateway, { type: "hello" }>;
  /** A snapshot as it came; not checked. */
  readonly onSnapshot: (snapshot: unknown) => void;
  /** The link stands and control has said welcome; `gateways` share the endpoints (undefined: it leases nothing). */
  readonly onConnected: (gateways: number | undefined) => void;
  /** Control says something of shares. */
  readonly onShares: (message: Extract<LinkFromControl, { type: "use-wanted" | "leases" }>) => void;
  /** There is no link: it is closed, or control does not answer. */
  readonly onAway: () => void;
  readonly signal: AbortSignal;
}

/** The link. */
export interface ControlLink {
  readonly isConnected: boolean;
  /** Sends when the link stands; false when it does not and the message was dropped. */
  send(message: LinkFromGateway): boolean;
}

/** Starts dialling; ends when the signal aborts. */
export function startControlLink(options: ControlLinkOptions): ControlLink {
  const { clock, logger, signal } = options;
  let connection: JsonLinesConnection | undefined;
  let isWelcome = false;
  let redialMs = FIRST_REDIAL_MS;
  const redial = (): void => {
    if (signal.aborted) return;
    clock.after(redialMs, () => void dial());
    redialMs = Math.min(redialMs * 2, MAX_REDIAL_MS);
  };
  const dial = async (): Promise<void> => {
    if (signal.aborted) return;
    try {
      const dialled = await dialJsonLines(options.path, signal);
      connection = dialled;
      dialled.onClose(() => {
        connection = undefined;
        isWelcome = false;
        options.onAway();
        redial();
      });
      dialled.onMessage((message) => receive(dialled, message));
      dialled.send(options.hello());
    } catch {
      options.onAway();
      redial();
    }
  };
  const receive = (from: JsonLinesConnection, message: unknown): void => {
    const said = message as LinkFromControl;
    if (said.type === "welcome") {
      if (said.protocol !== LINK_PROTOCOL) {
        logger.error("control speaks another link protocol", { seen: said.protocol });
        from.close();
        return;
      }
      isWelcome = true;
      redialMs = FIRST_REDIAL_MS;
      options.onConnected(said.gateways);
    } else if (said.type === "snapshot") options.onSnapshot(said.snapshot);
    else if (said.type === "use-wanted" || said.type === "leases") options.onShares(said);
  };
  signal.addEventListener("abort", () => connection?.close(), { once: true });
  void dial();
  return {
    get isConnected() {
      return isWelcome;
    },
    send(message) {
      if (!connection || !isWelcome) return false;
      connection.send(message);
      return true;
    },
  };
}
