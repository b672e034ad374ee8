// Listens on a Unix socket for JSON lines. Two programs that start at the same moment must not both believe that the path is theirs,
// and the file left by a dead one must not be in the way.
import { randomBytes } from "node:crypto";
import { chmod, link, rename, stat, unlink } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { dialUnixSocket } from "./dial-json-lines.ts";
import { CLOSE_GRACE_MS, wrapJsonLines, type JsonLinesConnection } from "./json-lines.ts";

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
  // Listening under a short private name first: the public name appears with its mode set, in one step, and never over a live one.
  const privatePath = join(dirname(path), `.${randomBytes(4).toString("base64url")}`);
  await listen(server, privatePath);
  try {
    await chmod(privatePath, 0o600);
    await publish(privatePath, path);
  } catch (error) {
    server.close();
    throw error;
  }
  const inode = (await stat(privatePath)).ino;
  await unlink(privatePath);
  return {
    async close() {
      for (const socket of sockets) socket.destroySoon();
      const killStragglers = setTimeout(() => sockets.forEach((socket) => socket.destroy()), CLOSE_GRACE_MS);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(killStragglers);
      const current = await stat(path).catch(() => undefined);
      if (current?.ino === inode) await unlink(path).catch(() => undefined);
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(path, () => resolve());
  });
}

/** Gives a listening socket its public name. A stale file is moved aside and dialled there, so that no live one is ever removed. */
async function publish(privatePath: string, path: string): Promise<void> {
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const isPublished = await link(privatePath, path).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
        return false;
      },
    );
    if (isPublished) return;
    if (await answers(path)) break;
    const aside = `${privatePath}~`;
    const isMoved = await rename(path, aside).then(
      () => true,
      () => false,
    );
    if (!isMoved) continue;
    const isAlive = await answers(aside);
    if (isAlive) await link(aside, path).catch(() => undefined);
    await unlink(aside);
    if (isAlive) break;
  }
  throw Object.assign(new Error(`a process answers at ${path}`), { code: "EADDRINUSE" });
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
