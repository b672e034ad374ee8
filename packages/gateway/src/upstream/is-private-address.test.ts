import { describe, expect, it } from "vitest";
import { createGuardedLookup } from "./guarded-lookup.ts";
import { isPrivateAddress, isRefusedHost } from "./is-private-address.ts";

describe("an address", () => {
  it.each([
    ..."0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1".split(
      " ",
    ),
    ..."192.168.0.1 198.18.0.1 198.19.1.1 203.0.113.1 224.0.0.1 255.255.255.255 240.0.0.1".split(" "),
    ..."::1 :: fc00::1 fd00::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 ::ffff:127.0.0.1 ::ffff:a9fe:a9fe ::ffff:10.0.0.1".split(
      " ",
    ),
    ..."::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 2002:7f00:1:: 2002:a00:1::5 2001:db8::1 100::1 2001::1".split(
      " ",
    ),
    ..."localhost 0x7f.1 2130706433 127.1 a.example 1.2.3".split(" "),
    "",
  ])("%j is not public", (address) => expect(isPrivateAddress(address)).toBe(true));

  it.each([
    ..."1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.0.1 100.128.0.1 126.0.0.1 128.0.0.1 169.253.1.1 172.15.0.1 172.32.0.1".split(
      " ",
    ),
    ..."192.167.1.1 192.169.1.1 198.17.0.1 198.20.0.1 223.255.0.1 2606:4700::1111 2a00:1450::1 ::ffff:8.8.8.8".split(
      " ",
    ),
    ..."64:ff9b::8.8.8.8 2002:808:808::1".split(" "),
  ])("%j is public", (address) => expect(isPrivateAddress(address)).toBe(false));
});

it.each([
  ["localhost", true],
  ["LocalHost.", true],
  ["a.localhost", true],
  ["10.0.0.1", true],
  ["a.example", false],
  ["8.8.8.8", false],
])("the host %s is refused before it is resolved: %s", (host, isRefused) =>
  expect(isRefusedHost(host)).toBe(isRefused),
);

describe("a guarded lookup", () => {
  const resolve = (addresses: readonly string[], all: boolean): unknown[] => {
    let said: unknown[] = [];
    const lookup = createGuardedLookup((_host, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      ),
    );
    lookup("a.example", { all }, (...result: unknown[]) => void (said = result));
    return said;
  };

  it("gives what it checked", () => {
    expect(resolve(["8.8.8.8", "2606:4700::1"], true)[1]).toHaveLength(2);
    expect(resolve(["8.8.8.8"], false)).toEqual([null, "8.8.8.8", 4]);
  });

  it("refuses a name with one private address among its addresses", () => {
    expect(resolve(["8.8.8.8", "::ffff:169.254.169.254"], true)[0]).toMatchObject({
      code: "FB_UPSTREAM_PRIVATE_ADDRESS",
    });
    expect(resolve([], true)[0]).toMatchObject({ code: "ENOTFOUND" });
  });

  it("says what the resolver says", () => {
    let said: unknown;
    const failure = Object.assign(new Error("no"), { code: "EAI_AGAIN" });
    createGuardedLookup((_host, _options, callback) => callback(failure, []))("x", {}, (error) => void (said = error));
    expect(said).toBe(failure);
  });
});
