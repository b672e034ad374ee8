import { rename } from "node:fs/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { systemClock, type ListenerSnapshot } from "@flyball/core";
import { createLogger } from "@flyball/telemetry";
import { createCertificateFolder, hasOpenssl, type CertificateFolder } from "../listen/testdata/make-certificate.ts";
import { receiveFromWorker } from "../main/receive-from-worker.ts";
import type { GatewayParts } from "../main/gateway-parts.ts";
import { bindListener, type TestListener } from "../testdata/bind-listener.ts";
import { createOpenListeners, type OpenListeners } from "./open-listeners.ts";
import type { WorkerContext } from "./worker-context.ts";

const logger = createLogger({ clock: systemClock, level: "error", write: () => undefined });
const told: string[] = [];
/** The main thread, as far as messages about listeners go. */
const parts = {
  logger,
  listenFailures: new Map<string, string>(),
  link: { send: (message: { type: string; reason: string }) => void told.push(message.reason) },
} as unknown as GatewayParts;

let folder: CertificateFolder;
let socket: TestListener;
let listeners: OpenListeners;

beforeAll(() => {
  folder = createCertificateFolder();
  socket = bindListener();
  listeners = createOpenListeners({
    context: { clock: systemClock, logger } as unknown as WorkerContext,
    descriptors: { public: socket.fd },
    send: (message) => receiveFromWorker(parts, 0, message),
  });
});
afterAll(() => {
  for (const listener of listeners.byId.values()) listener.stopAccepting();
  folder.dispose();
});

it.skipIf(!hasOpenssl())(
  "a certificate that is put right on disk is no failure any more, without a new snapshot",
  async () => {
    const files = folder.make("first");
    const missing = { certificateFile: `${files.certificateFile}.not-yet`, keyFile: files.keyFile };
    const wanted: ListenerSnapshot = { id: "public", kind: "public", host: "127.0.0.1", port: 0, tls: missing };
    await listeners.open([wanted]);
    expect([...parts.listenFailures.keys()]).toEqual(["public"]);
    expect(told[0]).toContain("no TLS");
    await listeners.open([wanted]);
    expect(told).toHaveLength(1);
    await rename(files.certificateFile, missing.certificateFile);
    await vi.waitFor(() => expect(parts.listenFailures.size).toBe(0), { timeout: 6_000, interval: 20 });
  },
);
