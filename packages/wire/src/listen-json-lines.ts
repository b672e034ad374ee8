// Listens on a Unix socket for JSON lines. Two programs that start at the same moment must not both believe that the path is theirs,
// and the file left by a dead one must not be in the way.
import { createHash, randomBytes } from "node:crypto";
import { chmod, link, stat, unlink } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname, join, resolve as resolvePath } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { dialUnixSocket } from "./dial-json-lines.ts";
import { CLOSE_GRACE_MS, wrapJsonLines, type JsonLinesConnection } from "./json-lines.ts";

const LOCK_RETRY_MS = 5;
const LOCK_LIMIT_MS = 5_000;

/**
 * Listens on a Unix socket that only this user may open (0600). Rejects with EADDRINUSE when a process answers there; a socket file
 * that nobody answers is replaced. `close` also closes the open connections and removes the file if it is still ours.
 */
export async function listenJsonLines(
  path: string,
  onConnection: (connection: JsonLinesConnection) => void,
): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    onConnection(wrapJsonLines(socket));
  });
  // Listening under a short private name first: the public name appears with its mode set and already answered, in one step.
  const privatePath = join(dirname(path), `.${randomBytes(4).toString("base64url")}`);
  await listen(server, privatePath);
  try {
    await chmod(privatePath, 0o600);
    await withLock(path, () => publish(privatePath, path));
  } catch (error) {
    server.close();
    throw error;
  }
  const { ino: inode } = await stat(privatePath);
  await unlink(privatePath);
  return {
    async close() {
      for (const socket of sockets) socket.destroySoon();
      const killStragglers = setTimeout(() => sockets.forEach((socket) => socket.destroy()), CLOSE_GRACE_MS);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(killStragglers);
      await withLock(path, async () => {
        const current = await stat(path).catch(() => undefined);
        if (current?.ino === inode) await unlink(path);
      });
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(path, () => resolve());
  });
}

/** Gives a listening socket its public name. Called under the lock: nobody else adds or removes the name meanwhile. */
async function publish(privatePath: string, path: string): Promise<void> {
  const isPublished = await link(privatePath, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
      return false;
    },
  );
  if (isPublished) return;
  if (await answers(path)) throw inUse(path);
  await unlink(path).catch(() => undefined);
  await link(privatePath, path);
}

/**
 * Runs while no other process does the same for the path. The lock is an abstract socket, which the kernel lets go when its holder dies:
 * a lock file would be stale in just the case that matters. Off Linux there is none, and the path is taken on trust.
 */
async function withLock(path: string, run: () => Promise<void>): Promise<void> {
  if (process.platform !== "linux") return run();
  const name = createHash("sha256").update(resolvePath(path)).digest("hex").slice(0, 32);
  const deadline = performance.now() + LOCK_LIMIT_MS;
  for (;;) {
    const lock = createServer();
    const isLocked = await listen(lock, `\0flyball-${process.getuid?.() ?? 0}-${name}`).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "EADDRINUSE") throw error;
        return false;
      },
    );
    if (isLocked) return run().finally(() => void lock.close());
    if (performance.now() > deadline) throw inUse(path);
    await delay(LOCK_RETRY_MS);
  }
}

function inUse(path: string): Error {
  return Object.assign(new Error(`a process answers at ${path}`), { code: "EADDRINUSE" });
}

/** Whether a process listens there. A full backlog (EAGAIN) or a denied access is an answer too. */
async function answers(path: string): Promise<boolean> {
  try {
    (await dialUnixSocket(path)).destroy();
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== "ECONNREFUSED" && code !== "ENOENT";
  }
}
