// An address to connect to.

/** A host with its port, and whether TLS is spoken there. */
export interface Place {
  /** A name or an address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

/** The place of an `http:` or `https:` URL. Throws a TypeError for another scheme: it is a defect to ask for one. */
export function placeOf(url: URL): Place {
  const isTls = url.protocol === "https:";
  if (!isTls && url.protocol !== "http:") throw new TypeError(`${url.protocol} is no scheme of an upstream`);
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  return { host, port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port), isTls };
}

/** `host:port`, always with the port. */
export function authorityOf({ host, port }: Place): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
