import { describe, expect, it } from "vitest";
import { createAddressGuard, REFUSED_ADDRESS, type AllowedAddresses, type ResolveAll } from "./address-guard.ts";

function answering(addresses: readonly string[]): ResolveAll {
  const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  return (_host, _options, callback) => callback(null, found);
}

function resolve(allowed: AllowedAddresses, addresses: readonly string[], all = true): unknown[] {
  let said: unknown[] = [];
  const guard = createAddressGuard(allowed, { resolveAll: answering(addresses) });
  guard.lookup("a.example", { all }, (...result: unknown[]) => void (said = result));
  return said;
}

describe("a guarded lookup", () => {
  it("gives what it checked", () => {
    expect(resolve("public", ["8.8.8.8", "2606:4700::1"])[1]).toHaveLength(2);
    expect(resolve("public", ["8.8.8.8"], false)).toEqual([null, "8.8.8.8", 4]);
    expect(resolve("private", ["10.0.0.1"], false)).toEqual([null, "10.0.0.1", 4]);
  });

  it("refuses a name with one refused address among its addresses", () => {
    const refused = { code: REFUSED_ADDRESS };
    expect(resolve("public", ["8.8.8.8", "10.0.0.1"])[0]).toMatchObject(refused);
    expect(resolve("public", ["8.8.8.8", "::ffff:169.254.169.254"])[0]).toMatchObject(refused);
    expect(resolve("private", ["10.0.0.1", "fe80::1"])[0]).toMatchObject(refused);
    expect(resolve("private", ["169.254.169.254"])[0]).toMatchObject(refused);
    expect(resolve("private", [])[0]).toMatchObject({ code: "ENOTFOUND" });
  });

  it("says what the resolver says", () => {
    let said: unknown;
    const failure = Object.assign(new Error("no"), { code: "EAI_AGAIN" });
    const guard = createAddressGuard("public", { resolveAll: (_host, _options, callback) => callback(failure, []) });
    guard.lookup("x", {}, (error) => void (said = error));
    expect(said).toBe(failure);
  });
});

it("tells a refusal once, and the next one that differs", () => {
  const told: string[] = [];
  const lists = [["10.0.0.1"], ["10.0.0.1"], ["8.8.8.8"], ["10.0.0.2"]];
  const guard = createAddressGuard("public", {
    resolveAll: (host, options, callback) => answering(lists.shift() ?? [])(host, options, callback),
    onRefused: (reason) => told.push(reason),
  });
  for (let count = 0; count < 4; count += 1) guard.lookup("a.example", {}, () => undefined);
  expect(told).toEqual([1, 2].map((last) => `a.example resolves to 10.0.0.${last}, which is a private address`));
});

it.each([
  ["public", "8.8.8.8", undefined],
  ["public", "a.example", undefined],
  ["public", "10.0.0.1", "10.0.0.1 is a private address"],
  ["public", "localhost", "localhost is a private address"],
  ["private", "localhost", undefined],
  ["private", "10.0.0.1", undefined],
  ["private", "169.254.169.254", "169.254.169.254 is a link-local, metadata or reserved address"],
  ["private", "fe80::1", "fe80::1 is a link-local, metadata or reserved address"],
] as const)("where %s addresses are allowed, the host %s is refused: %s", (allowed, host, refusal) =>
  expect(createAddressGuard(allowed).refusalOf(host)).toBe(refusal),
);
