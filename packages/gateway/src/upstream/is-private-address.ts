// Which addresses are not on the public internet. A provider's endpoint must not lead into the machine or its network: whoever can set its
// URL, or the DNS of its name, could otherwise read what only the inside may (server-side request forgery).
import { BlockList, isIP } from "node:net";

/** Special-purpose IPv4 blocks (IANA registry, RFC 6890 and followers) that are not globally reachable. */
const V4_BLOCKS: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** The same for IPv6: unspecified, loopback, local NAT64, discard, Teredo, documentation, unique local, link and site local, multicast. */
const V6_BLOCKS: readonly (readonly [string, number])[] = [
  ["::", 128],
  ["::1", 128],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["3fff::", 20],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
];

const PRIVATE = buildBlockList();

function buildBlockList(): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of V4_BLOCKS) {
    list.addSubnet(net, prefix, "ipv4");
    // The forms of IPv6 that carry an IPv4 address: compatible, NAT64, 6to4. The mapped form is one with IPv4 to a BlockList.
    list.addSubnet(`::${net}`, 96 + prefix, "ipv6");
    list.addSubnet(`64:ff9b::${net}`, 96 + prefix, "ipv6");
    list.addSubnet(`2002:${hexadecimal(net)}::`, 16 + prefix, "ipv6");
  }
  for (const [net, prefix] of V6_BLOCKS) list.addSubnet(net, prefix, "ipv6");
  return list;
}

function hexadecimal(v4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = v4.split(".").map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** Whether an address is inside a machine or a private network. What is no address counts as private, so that a mistake refuses. */
export function isPrivateAddress(address: string): boolean {
  const plain = address.split("%", 1)[0] ?? "";
  const family = isIP(plain);
  if (family === 0) return true;
  return PRIVATE.check(plain, family === 6 ? "ipv6" : "ipv4");
}

/** Whether a host is refused before any name is resolved: a private address, or a name of this machine. */
export function isRefusedHost(host: string): boolean {
  if (isIP(host) !== 0) return isPrivateAddress(host);
  const name = host.toLowerCase().replace(/\.$/, "");
  return name === "localhost" || name.endsWith(".localhost");
}
