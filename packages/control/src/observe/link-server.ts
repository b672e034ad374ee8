// Control's end of the link: gateways dial in, get the newest snapshot, and send signals. Several gateways at once are a hand-over.
import { LINK_PROTOCOL, type LinkFromControl, type LinkFromGateway, type Signal, type Snapshot } from "@flyball/core";
import { listenJsonLines, type JsonLinesConnection } from "@flyball/wire";

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
  close(): Promise<void>;
}

/** What the link brings. */
export interface LinkEvents {
  readonly onSignals: (signals: readonly Signal[]) => void;
  /** A gateway came, went, or reports another snapshot. */
  readonly onChange: () => void;
  readonly onRefused: (version: number, reason: string) => void;
  readonly onListenFailed: (listener: string, reason: string) => void;
}

/** Listens on the link socket. */
export async function createLinkServer(path: string, events: LinkEvents): Promise<LinkServer> {
  const gateways = new Map<JsonLinesConnection, LinkedGateway>();
  let newest: Snapshot | undefined;

  const receive = (connection: JsonLinesConnection, message: LinkFromGateway): void => {
    switch (message.type) {
      case "hello": {
        if (message.protocol !== LINK_PROTOCOL) {
          connection.close();
          return;
        }
        const { generation, pid, workers, snapshotVersion } = message;
        gateways.set(connection, { generation, pid, workers, snapshotVersion });
        connection.send({ type: "welcome", protocol: LINK_PROTOCOL } satisfies LinkFromControl);
        if (newest !== undefined) connection.send({ type: "snapshot", snapshot: newest } satisfies LinkFromControl);
        events.onChange();
        return;
      }
      case "snapshot-applied": {
        const known = gateways.get(connection);
        if (known !== undefined) gateways.set(connection, { ...known, snapshotVersion: message.version });
        events.onChange();
        return;
      }
      case "snapshot-refused":
        events.onRefused(message.version, message.reason);
        return;
      case "listen-failed":
        events.onListenFailed(message.listener, message.reason);
        return;
      case "signals":
        events.onSignals(message.signals);
        return;
    }
  };

  const server = await listenJsonLines(path, (connection) => {
    connection.onMessage((message) => receive(connection, message as LinkFromGateway));
    connection.onClose(() => {
      if (gateways.delete(connection)) events.onChange();
    });
  });
  return {
    publish(snapshot) {
      newest = snapshot;
      for (const connection of gateways.keys())
        connection.send({ type: "snapshot", snapshot } satisfies LinkFromControl);
    },
    gateways: () => [...gateways.values()],
    async close() {
      for (const connection of gateways.keys()) connection.close();
      await server.close();
    },
  };
}
