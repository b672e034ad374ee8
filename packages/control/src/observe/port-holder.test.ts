import { createTemporaryFolder, type TemporaryFolder } from "@flyball/fakes";
import { once } from "node:events";
import { symlink } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { portHolder } from "./port-holder.ts";

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000 100 0 0 10 0
   1: 0100007F:1389 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000 20 4 30 10 -1
`;

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await createTemporaryFolder();
  await folder.write("net/tcp", TCP);
});
afterEach(() => folder.dispose());

async function addProcess(
  pid: number,
  files: { readonly comm: string; readonly environ: string; readonly exe?: string },
): Promise<void> {
  await folder.write(`${pid}/comm`, `${files.comm}\n`);
  await folder.write(`${pid}/environ`, files.environ);
  await folder.write(`${pid}/fd/0`, "");
  if (files.exe !== undefined) await symlink(files.exe, join(folder.path, String(pid), "exe"));
  await symlink("socket:[4711]", join(folder.path, String(pid), "fd", "3"));
}

describe("the holder of a port", () => {
  it("is named by its program, not by the name of its thread", async () => {
    await addProcess(42, { comm: "MainThread", environ: "HOME=/root\0", exe: "/usr/bin/python3" });
    expect(portHolder(5000, folder.path)).toBe("python3 (pid 42)");
  });

  it("is named by its thread when its program cannot be seen", async () => {
    await addProcess(42, { comm: "nginx", environ: "" });
    expect(portHolder(5000, folder.path)).toBe("nginx (pid 42)");
  });

  it("is named by its tag when it is another app of Flyball", async () => {
    await addProcess(42, {
      comm: "MainThread",
      environ: "HOME=/root\0FLYBALL_KEEPER=qa.3f9a01c2\0",
      exe: "/usr/bin/node",
    });
    expect(portHolder(5000, folder.path)).toBe("flyball qa.3f9a01c2 (pid 42)");
  });

  it("is nobody for a port that is only connected, or free", () => {
    expect(portHolder(5001, folder.path)).toBeUndefined();
    expect(portHolder(6000, folder.path)).toBeUndefined();
  });

  it("is found on this machine", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    expect(portHolder((server.address() as AddressInfo).port)).toBe(
      `${basename(process.execPath)} (pid ${process.pid})`,
    );
    server.close();
  });
});
