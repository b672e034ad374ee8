import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPortHolder } from "./listening-sockets.ts";

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000 100 0 0 10 0
   1: 0100007F:1389 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000 20 4 30 10 -1
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fb-"));
  write("net/tcp", TCP);
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function holderOf(port: number, procRoot?: string): string | undefined {
  const holder = findPortHolder("127.0.0.1", port, procRoot);
  return holder === undefined ? undefined : `${holder.command} (pid ${holder.pid})`;
}

function addProcess(
  pid: number,
  files: { readonly comm: string; readonly environ: string; readonly exe?: string },
): void {
  write(`${pid}/comm`, `${files.comm}\n`);
  write(`${pid}/environ`, files.environ);
  write(`${pid}/fd/0`, "");
  if (files.exe !== undefined) symlinkSync(files.exe, join(folder, String(pid), "exe"));
  symlinkSync("socket:[4711]", join(folder, String(pid), "fd", "3"));
}

describe("the holder of a port", () => {
  it("is named by its program, not by the name of its thread", () => {
    addProcess(42, { comm: "MainThread", environ: "HOME=/root\0", exe: "/usr/bin/python3" });
    expect(holderOf(5000, folder)).toBe("python3 (pid 42)");
  });

  it("is named by its thread when its program cannot be seen", () => {
    addProcess(42, { comm: "nginx", environ: "" });
    expect(holderOf(5000, folder)).toBe("nginx (pid 42)");
  });

  it("is named by its tag when it is another app of Flyball", () => {
    addProcess(42, {
      comm: "MainThread",
      environ: "HOME=/root\0FLYBALL_KEEPER=qa.3f9a01c2\0",
      exe: "/usr/bin/node",
    });
    expect(holderOf(5000, folder)).toBe("flyball qa.3f9a01c2 (pid 42)");
  });

  it("is nobody for a port that is only connected, or free", () => {
    expect(holderOf(5001, folder)).toBeUndefined();
    expect(holderOf(6000, folder)).toBeUndefined();
  });

  it("is found on this machine", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    expect(holderOf((server.address() as AddressInfo).port)).toBe(`${basename(process.execPath)} (pid ${process.pid})`);
    server.close();
  });
});
