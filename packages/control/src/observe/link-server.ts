// Control's end of the link: gateways dial in, get the newest snapshot, and send signals. Several gateways at once are a hand-over. While
// the newest snapshot is refused, a gateway that comes anew first gets the one that was served, so that it has something to serve.
import {
  LINK_PROTOCOL,
  type KnownSpending,
  type LinkFromControl,
  type LinkFromGateway,
  type Signal,
  type Snapshot,
} from "@flyball/core";
import { listenJsonLines, type JsonLinesConnection } from "@flyball/wire";
import type { GatewayShares } from "../share/gateway-shares.ts";
import { withSpending } from "../snapshot/known-spending.ts";

/** What a connected gateway said of itself. */
export interface LinkedGateway {
  readonly generation: number;
  readonly pid: number;
  readonly workers: number;
  readonly snapshotVersion: number;
}

/** The link server. */
export interface LinkServer {
  /** Sends it to all gateways, and to each that dials later. */
  publish(snapshot: Snapshot): void;
  gateways(): readonly LinkedGateway[];
  /** The last snapshot that a gateway said it serves; undefined when none was seen in this life of control. */
  served(): Snapshot | undefined;
  close(): Promise<void>;
}

/** What the link brings. */
export interface LinkEvents {
  readonly onSignals: (signals: readonly Signal[]) => void;
  /** A gateway came, went, or reports another snapshot. */
  readonly onChange: () => void;
  readonly onRefused: (version: number, reason: string) => void;
  readonly onListenFailed: (listener: string, reason: string) => void;
  /** What is spent of budgets by now: a gateway that dials is told what stands, not what stood when the snapshot was made. */
  readonly spending: () => readonly KnownSpending[];
}

/** What the link server is made with. */
export interface LinkServerOptions {
  readonly events: LinkEvents;
  readonly shares: GatewayShares;
  /** The snapshot of the file: perhaps the one that a gateway serves already. */
  readonly stored?: Snapshot | undefined;
}

/** Listens on the link socket. */
export async function createLinkServer(
  path: string,
  { events, shares, stored }: LinkServerOptions,
): Promise<LinkServer> {
  const gateways = new Map<JsonLinesConnection, LinkedGateway>();
  let newest: Snapshot | undefined;
  let served: Snapshot | undefined;
  let refusedVersion: number | undefined;

  const noteServed = (version: number): void => {
    served = [newest, served, stored].find((snapshot) => snapshot?.version === version) ?? served;
  };
  const send = (connection: JsonLinesConnection, snapshot: Snapshot): void =>
    connection.send({ type: "snapshot", snapshot } satisfies LinkFromControl);
  const sendAnew = (connection: JsonLinesConnection, snapshot: Snapshot): void =>
    send(connection, withSpending(snapshot, events.spending()));

  const receive = (connection: JsonLinesConnection, message: LinkFromGateway): void => {
    switch (message.type) {
      case "hello": {
        if (message.protocol !== LINK_PROTOCOL) {
          connection.close();
          return;
        }
        const { generation, pid, workers, snapshotVersion } = message;
        gateways.set(connection, { generation, pid, workers, snapshotVersion });
        const sharing = shares.join(connection, message);
        connection.send({
          type: "welcome",
          protocol: LINK_PROTOCOL,
          ...(sharing === undefined ? {} : { gateways: sharing }),
        } satisfies LinkFromControl);
        noteServed(snapshotVersion);
        if (served !== undefined && refusedVersion === newest?.version && snapshotVersion < served.version)
          sendAnew(connection, served);
        if (newest !== undefined) sendAnew(connection, newest);
        events.onChange();
        return;
      }
      case "snapshot-applied": {
        const known = gateways.get(connection);
        if (known !== undefined) gateways.set(connection, { ...known, snapshotVersion: message.version });
        noteServed(message.version);
        events.onChange();
        return;
      }
      case "snapshot-refused":
        refusedVersion = message.version;
        events.onRefused(message.version, message.reason);
        return;
      case "listen-failed":
        events.onListenFailed(message.listener, message.reason);
        return;
      case "signals":
        events.onSignals(message.signals);
        return;
      case "endpoint-use":
        shares.report(connection, message);
        return;
    }
  };

  const server = await listenJsonLines(path, (connection) => {
    connection.onMessage((message) => receive(connection, message as LinkFromGateway));
    connection.onClose(() => {
      shares.leave(connection);
      if (gateways.delete(connection)) events.onChange();
    });
  });
  return {
    publish(snapshot) {
      newest = snapshot;
      for (const connection of gateways.keys()) send(connection, snapshot);
    },
    gateways: () => [...gateways.values()],
    served: () => served,
    async close() {
      for (const connection of gateways.keys()) connection.close();
      await server.close();
    },
  };
}
