// What one client may take of a listener: bytes, connections, streams and time. Each limit closes what goes beyond it.

/** Bounds of a listener. */
export interface ListenerLimits {
  /** Connections of one worker on one listener; the system closes further ones at once. */
  readonly connections: number;
  /** Bytes of a request's headers with its first line. */
  readonly headerBytes: number;
  /** A connection's first request, or the next one once it began, has its headers after this long. */
  readonly headersMs: number;
  /** A TLS handshake is done after this long. */
  readonly handshakeMs: number;
  /** Longer than most clients and proxies keep idle connections, so that the client closes first. */
  readonly keepAliveMs: number;
  /** How often times are looked at. */
  readonly checkEveryMs: number;
  /** A client that takes no byte of what waits for it for this long is gone. */
  readonly readerStallMs: number;
  /** HTTP/2 streams at once on one connection. */
  readonly streams: number;
  /** Streams that a client may cancel at once, and per second over time; then its connection ends. */
  readonly streamResets: number;
  readonly streamResetsPerSecond: number;
}

/** The limits that hold unless a test shortens them. */
export const LISTENER_LIMITS: ListenerLimits = {
  connections: 16_384,
  headerBytes: 16 * 1024,
  headersMs: 10_000,
  handshakeMs: 10_000,
  keepAliveMs: 75_000,
  checkEveryMs: 1_000,
  readerStallMs: 60_000,
  streams: 128,
  streamResets: 200,
  streamResetsPerSecond: 50,
};
