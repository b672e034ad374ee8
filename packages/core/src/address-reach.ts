// How far an address leads. A provider's endpoint must not lead into the machine or its network unless the operator said so: whoever
// can set its URL, or the DNS of its name, could otherwise read what only the inside may (server-side request forgery). And some
// addresses answer with credentials of the machine itself: nobody means those.
import { BlockList, isIP } from "node:net";

/**
 * public: globally reachable. private: of a machine or a private network. forbidden: link-local, multicast, reserved, or where a cloud
 * hands out the machine's own credentials; never called.
 */
export type AddressReach = "public" | "private" | "forbidden";

type Block = readonly [net: string, prefix: number];

/** Special-purpose IPv4 blocks (IANA registry, RFC 6890 and followers) that are not globally reachable. */
const PRIVATE_V4: readonly Block[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
];

/** The same for IPv6: unspecified, loopback, local NAT64, discard, Teredo, documentation, unique local, site local. */
const PRIVATE_V6: readonly Block[] = [
  ["::", 128],
  ["::1", 128],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["3fff::", 20],
  ["fc00::", 7],
  ["fec0::", 10],
];

/** Link-local, multicast, reserved; the metadata services of Alibaba Cloud, Oracle Cloud and Azure outside the link-local block. */
const FORBIDDEN_V4: readonly Block[] = [
  ["169.254.0.0", 16],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["100.100.100.200", 32],
  ["192.0.0.192", 32],
  ["168.63.129.16", 32],
];

/** Link-local and multicast; the metadata services of AWS and Google Cloud. */
const FORBIDDEN_V6: readonly Block[] = [
  ["fe80::", 10],
  ["ff00::", 8],
  ["fd00:ec2::254", 128],
  ["fd20:ce::254", 128],
];

const FORBIDDEN = buildBlockList(FORBIDDEN_V4, FORBIDDEN_V6);
const PRIVATE = buildBlockList(PRIVATE_V4, PRIVATE_V6);

function buildBlockList(v4: readonly Block[], v6: readonly Block[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of v4) {
    list.addSubnet(net, prefix, "ipv4");
    // The forms of IPv6 that carry an IPv4 address: compatible, NAT64, 6to4. The mapped form is one with IPv4 to a BlockList.
    list.addSubnet(`::${net}`, 96 + prefix, "ipv6");
    list.addSubnet(`64:ff9b::${net}`, 96 + prefix, "ipv6");
    list.addSubnet(`2002:${hexadecimal(net)}::`, 16 + prefix, "ipv6");
  }
  for (const [net, prefix] of v6) list.addSubnet(net, prefix, "ipv6");
  return list;
}

function hexadecimal(v4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = v4.split(".").map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** The reach of an address. What is no address is forbidden, so that a mistake refuses. */
export function addressReach(address: string): AddressReach {
  const plain = address.split("%", 1)[0] ?? "";
  const family = isIP(plain);
  if (family === 0) return "forbidden";
  const type = family === 6 ? "ipv6" : "ipv4";
  if (FORBIDDEN.check(plain, type)) return "forbidden";
  return PRIVATE.check(plain, type) ? "private" : "public";
}

/**
 * What a host says before any name is resolved: the reach of an address (without brackets), private for a name of this machine, and
 * undefined for every other name. A URL's parser has made decimal, octal and hexadecimal addresses plain before.
 */
export function hostReach(host: string): AddressReach | undefined {
  const plain = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(plain) !== 0) return addressReach(plain);
  const name = plain.toLowerCase().replace(/\.$/, "");
  return name === "localhost" || name.endsWith(".localhost") ? "private" : undefined;
}
