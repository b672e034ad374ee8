// Which egress proxy a provider's endpoint is reached through, by the variables that every command-line tool knows. The environment is
// read once; what it says is a value.
import { BlockList, isIP } from "node:net";
import { placeOf, type Place } from "./place.ts";

/** A proxy. */
export interface EgressProxy extends Place {
  /** The value of `proxy-authorization`, from the user info of the proxy's URL; never logged. */
  readonly authorization: string | undefined;
  /** Why its variable cannot be used. It is then a proxy that no connection goes through: going round one that was asked for is worse. */
  readonly problem: string | undefined;
}

/** What the environment says about proxies. */
export interface ProxySettings {
  readonly http: EgressProxy | undefined;
  readonly https: EgressProxy | undefined;
  /** Hosts that are reached directly. */
  readonly exceptions: readonly ProxyException[];
}

/** One entry of NO_PROXY. */
export interface ProxyException {
  /** undefined: on every port. */
  readonly port: number | undefined;
  matches(host: string): boolean;
}

/** Reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY; lower case comes first. */
export function readProxySettings(environment: Readonly<Record<string, string | undefined>>): ProxySettings {
  const [, excepted] = variable(environment, "no_proxy");
  return {
    http: readProxy(environment, "http_proxy"),
    https: readProxy(environment, "https_proxy"),
    exceptions: excepted.split(/[\s,]+/).flatMap(readException),
  };
}

/** The proxy for a place; undefined: straight. Loopback is never reached through one. */
export function chooseProxy(settings: ProxySettings, target: Place): EgressProxy | undefined {
  const proxy = target.isTls ? settings.https : settings.http;
  if (!proxy) return undefined;
  const host = target.host.toLowerCase().replace(/\.$/, "");
  if (isLoopback(host)) return undefined;
  const isExcepted = settings.exceptions.some(
    ({ port, matches }) => (port === undefined || port === target.port) && matches(host),
  );
  return isExcepted ? undefined : proxy;
}

function variable(environment: Readonly<Record<string, string | undefined>>, lower: string): [string, string] {
  const upper = lower.toUpperCase();
  const value = environment[lower];
  return value !== undefined && value !== "" ? [lower, value] : [upper, environment[upper] ?? ""];
}

function readProxy(environment: Readonly<Record<string, string | undefined>>, lower: string): EgressProxy | undefined {
  const [name, value] = variable(environment, lower);
  const text = value.trim();
  if (text === "") return undefined;
  const unusable = (reason: string): EgressProxy => ({
    host: "",
    port: 0,
    isTls: false,
    authorization: undefined,
    problem: `${name} cannot be used: ${reason}`,
  });
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (!url || url.hostname === "") return unusable("it is no URL of a proxy");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return unusable(`a ${url.protocol.slice(0, -1)} proxy is not supported; use an http or https one`);
  }
  const authorization = readCredentials(url);
  if (authorization === null) return unusable("its user name or password is not percent-encoded correctly");
  return { ...placeOf(url), authorization, problem: undefined };
}

/** null: cannot be decoded. */
function readCredentials(url: URL): string | undefined | null {
  if (url.username === "" && url.password === "") return undefined;
  try {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;
  } catch {
    return null;
  }
}

/** `*`, a name with its subdomains, an address, a block of addresses; each may have a port. What is none of these excepts nothing. */
function readException(entry: string): readonly ProxyException[] {
  if (entry === "") return [];
  if (entry === "*") return [{ port: undefined, matches: () => true }];
  const block = /^\[?([0-9a-f.:]+)\]?\/(\d{1,3})$/i.exec(entry);
  if (block) return readBlock(block[1] as string, Number(block[2]));
  if (isIP(entry) !== 0) return [{ port: undefined, matches: sameAddress(entry) }];
  const parts = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(entry.toLowerCase());
  if (!parts) return [];
  const port = parts[2] === undefined ? undefined : Number(parts[2]);
  const host = (parts[1] as string).replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0) return [{ port, matches: sameAddress(host) }];
  const name = host.replace(/^\*?\./, "").replace(/\.$/, "");
  return name === "" ? [] : [{ port, matches: (asked) => asked === name || asked.endsWith(`.${name}`) }];
}

function readBlock(net: string, prefix: number): readonly ProxyException[] {
  const family = isIP(net);
  if (family === 0 || prefix > (family === 6 ? 128 : 32)) return [];
  const list = new BlockList();
  list.addSubnet(net, prefix, family === 6 ? "ipv6" : "ipv4");
  return [{ port: undefined, matches: (host) => isListed(list, host) }];
}

function sameAddress(address: string): (host: string) => boolean {
  const list = new BlockList();
  list.addAddress(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return (host) => isListed(list, host);
}

function isListed(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? "ipv6" : "ipv4");
}

function isLoopback(host: string): boolean {
  if (host === "localhost" || host.endsWith(".localhost") || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}
