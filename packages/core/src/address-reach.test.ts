import { describe, expect, it } from "vitest";
import { addressReach, hostReach } from "./address-reach.ts";

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

describe("an address", () => {
  it.each([
    ...words(
      "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.0.1 172.16.0.1 172.31.255.255 192.0.0.1 192.168.0.1",
    ),
    ...words("198.18.0.1 198.19.1.1 203.0.113.1 ::1 :: fc00::1 fd00::1 fec0::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1"),
    ...words("::127.0.0.1 64:ff9b::10.0.0.1 2002:7f00:1:: 2002:a00:1::5 2001:db8::1 100::1 2001::1 64:ff9b:1::1"),
  ])("%s is private", (address) => expect(addressReach(address)).toBe("private"));

  it.each([
    ...words(
      "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.0.1 100.128.0.1 126.0.0.1 128.0.0.1 169.253.1.1 169.255.0.1",
    ),
    ...words("172.15.0.1 172.32.0.1 192.167.1.1 192.169.1.1 198.17.0.1 198.20.0.1 223.255.0.1 168.63.129.15"),
    ...words("2606:4700::1111 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1"),
  ])("%s is public", (address) => expect(addressReach(address)).toBe("public"));

  it.each([
    ...words("169.254.0.0 169.254.169.254 169.254.255.255 fe80::1 fe80::1%eth0 febf::1 ::ffff:169.254.169.254"),
    ...words("::ffff:a9fe:a9fe ::169.254.169.254 64:ff9b::a9fe:a9fe 2002:a9fe:a9fe::1 fd00:ec2::254 fd20:ce::254"),
    ...words(
      "100.100.100.200 ::ffff:100.100.100.200 192.0.0.192 168.63.129.16 224.0.0.1 ff02::1 240.0.0.1 255.255.255.255",
    ),
    ...words("localhost 0x7f.1 2130706433 127.1 a.example 1.2.3"),
    "",
  ])("%j is forbidden", (address) => expect(addressReach(address)).toBe("forbidden"));
});

it.each([
  ["localhost", "private"],
  ["LocalHost.", "private"],
  ["a.localhost", "private"],
  ["10.0.0.1", "private"],
  ["[::1]", "private"],
  ["[::ffff:a9fe:a9fe]", "forbidden"],
  ["169.254.169.254", "forbidden"],
  ["8.8.8.8", "public"],
  ["a.example", undefined],
  ["metadata.google.internal", undefined],
])("the host %s says %s before it is resolved", (host, reach) => expect(hostReach(host)).toBe(reach));

it("an address in a URL is read as its connection would be made", () => {
  const urls = [
    "http://2852039166/",
    "http://0xa9.0xfe.0xa9.0xfe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
  ];
  for (const url of urls) expect(hostReach(new URL(url).hostname)).toBe("forbidden");
});
