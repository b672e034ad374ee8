// How TLS is spoken to one place: HTTP/1.1 only, the name checked, sessions taken up again so that a second connection costs one round trip
// less and no signature.
import { isIP } from "node:net";
import {
  createSecureContext,
  getCACertificates,
  type ConnectionOptions,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import type { Place } from "./place.ts";

/** For connections to one place. */
export interface TlsSettings {
  optionsFor(place: Place): ConnectionOptions;
  /** Keeps the newest session of the socket for the next connection; gives the socket back. */
  watchSessions(socket: TLSSocket): TLSSocket;
}

/**
 * Creates settings. `ca` (PEM) is trusted besides what the machine trusts: Node's roots and the file that NODE_EXTRA_CA_CERTS names.
 * Parsing all roots takes milliseconds, so it waits for the first connection and is done only where there is a `ca`.
 */
export function createTlsSettings(ca: readonly string[] | undefined): TlsSettings {
  let context: SecureContext | undefined;
  let session: Buffer | undefined;
  return {
    optionsFor(place) {
      if (ca && ca.length > 0) context ??= createSecureContext({ ca: [...getCACertificates("default"), ...ca] });
      return {
        // What the certificate is checked against.
        host: place.host,
        // A name goes into the greeting; an address must not (RFC 6066 §3).
        ...(isIP(place.host) === 0 ? { servername: place.host } : {}),
        ALPNProtocols: ["http/1.1"],
        ...(context ? { secureContext: context } : {}),
        ...(session ? { session } : {}),
      };
    },
    watchSessions(socket) {
      return socket.on("session", (newest: Buffer) => {
        session = newest;
      });
    },
  };
}
