// Where an issuer's public keys are, and what of them is used: the address is the one that the manifest names, or the one in the issuer's
// own OpenID document.
import type { JwtPolicy } from "@flyball/core";
import type { JSONWebKeySet } from "jose";

/** Fetches a JSON document. */
export type FetchDocument = (url: URL) => Promise<unknown>;

/** The issuer's public keys; rejects with one sentence when they cannot be had. */
export async function findKeySet({ issuer, jwksUrl }: JwtPolicy, fetchDocument: FetchDocument): Promise<JSONWebKeySet> {
  const url = jwksUrl ?? (await discover(issuer, fetchDocument));
  const document = (await fetchDocument(new URL(url))) as Partial<JSONWebKeySet> | null;
  if (!Array.isArray(document?.keys)) throw new Error(`${url}: it is no key set`);
  // A shared secret has no place in a public document: with it anybody could sign.
  const keys = document.keys.filter((key) => typeof key === "object" && key !== null && key.kty !== "oct");
  if (keys.length === 0) throw new Error(`${url}: it has no public key`);
  return { keys };
}

async function discover(issuer: string, fetchDocument: FetchDocument): Promise<string> {
  const url = new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const document = (await fetchDocument(url)) as { readonly issuer?: unknown; readonly jwks_uri?: unknown } | null;
  if (document?.issuer !== issuer) throw new Error(`${url.href}: it is the document of another issuer`);
  const jwksUrl = typeof document.jwks_uri === "string" ? URL.parse(document.jwks_uri) : null;
  if (jwksUrl === null) throw new Error(`${url.href}: it names no jwks_uri`);
  // Keys that came in the clear could be anybody's; only a test on one machine may do so.
  if (jwksUrl.protocol !== "https:" && !isSameLoopback(jwksUrl, url)) {
    throw new Error(`${url.href}: its jwks_uri is not https`);
  }
  return jwksUrl.href;
}

function isSameLoopback(url: URL, issuer: URL): boolean {
  return url.protocol === "http:" && issuer.protocol === "http:" && url.hostname === issuer.hostname;
}
