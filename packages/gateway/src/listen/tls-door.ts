// TLS on connections that somebody else accepted, with the certificate of two files. The files are looked at each second; a new pair
// holds for the next connection, a pair that does not work leaves the old one in use and says why. There is one certificate a listener,
// so no name that a client sends chooses anything.
import { X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { Socket } from "node:net";
import { createSecureContext, createServer, type Server, type TLSSocket } from "node:tls";
import type { Clock, ListenerTls } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import type { ListenerLimits } from "./listener-limits.ts";

/** What a door needs. */
export interface TlsDoorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ListenerLimits;
  /** A handshake was done; `alpnProtocol` says what follows. */
  readonly onSecure: (socket: TLSSocket) => void;
  /** A handshake failed or took too long; the connection is closed. */
  readonly onRefused: () => void;
}

/** An open door. */
export interface TlsDoor {
  accept(socket: Socket): void;
  /** Why no certificate is in use; undefined while one is. */
  problem(): string | undefined;
  /** The files are not looked at any more. Handshakes that run go on. */
  stop(): void;
}

/** How often the files are looked at. */
export const CERTIFICATE_CHECK_MS = 1_000;

/** Opens it; resolves when the files were read for the first time, whether or not they work. */
export async function openTlsDoor(files: ListenerTls, options: TlsDoorOptions): Promise<TlsDoor> {
  const { clock, limits, onSecure, onRefused } = options;
  const server = createServer({
    ALPNProtocols: ["h2", "http/1.1"],
    minVersion: "TLSv1.2",
    handshakeTimeout: limits.handshakeMs,
  });
  server.on("secureConnection", (socket) => {
    socket.on("error", () => undefined);
    onSecure(socket);
  });
  server.on("tlsClientError", (_error, socket) => {
    onRefused();
    socket.destroy();
  });
  const certificate = createCertificate(server, files, options.logger);
  await certificate.refresh();
  const stop = clock.every(CERTIFICATE_CHECK_MS, () => void certificate.refresh());
  return {
    accept(socket) {
      if (certificate.problem() !== undefined) {
        socket.destroy();
        return;
      }
      // Only HTTP/1.1 without TLS knows half-open connections.
      socket.allowHalfOpen = false;
      socket.on("error", () => undefined);
      server.emit("connection", socket);
    },
    problem: certificate.problem,
    stop,
  };
}

interface Certificate {
  /** Reads the files when they have changed. Never rejects. */
  refresh(): Promise<void>;
  problem(): string | undefined;
}

function createCertificate(server: Server, files: ListenerTls, logger: Logger): Certificate {
  let seen = "";
  let isReading = false;
  let isInUse = false;
  let problem: string | undefined = "its files were not read yet";
  const place = { certificate: files.certificateFile, key: files.keyFile };
  const load = async (): Promise<void> => {
    const [cert, key] = await Promise.all([readFile(files.certificateFile), readFile(files.keyFile)]);
    const { validTo } = new X509Certificate(cert);
    // Throws where key and certificate do not belong together, before the server takes them.
    createSecureContext({ cert, key, minVersion: "TLSv1.2" });
    server.setSecureContext({ cert, key, minVersion: "TLSv1.2" });
    isInUse = true;
    problem = undefined;
    logger.info("a certificate is in use", { ...place, validTo });
  };
  return {
    problem: () => problem,
    async refresh() {
      if (isReading) return;
      isReading = true;
      try {
        const now = await fingerprint(files);
        if (now !== seen) {
          seen = now;
          await load();
        }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (isInUse) logger.error("a new certificate cannot be used; the old one stays", { ...place, reason });
        else {
          problem = `no TLS: ${reason}`;
          logger.error("a certificate cannot be used; connections are closed", { ...place, reason });
        }
      } finally {
        isReading = false;
      }
    },
  };
}

/** Changes with either file; a file that is gone counts as a state of its own, so that it is reported once. */
async function fingerprint({ certificateFile, keyFile }: ListenerTls): Promise<string> {
  const states = await Promise.all(
    [certificateFile, keyFile].map((file) =>
      stat(file).then(
        ({ mtimeMs, size, ino }) => `${mtimeMs}/${size}/${ino}`,
        (error: NodeJS.ErrnoException) => error.code ?? "unreadable",
      ),
    ),
  );
  return states.join(" ");
}
