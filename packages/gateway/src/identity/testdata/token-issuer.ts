// An OpenID provider for tests: keys that can be replaced or withdrawn, tokens with any header and claims, and its two documents.
import type { JwtPolicy, TokenAlgorithm } from "@flyball/core";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from "jose";
import type { FetchDocument } from "../find-key-set.ts";

/** Claims and header of a token, beside the usual ones. */
export interface TokenParts {
  readonly kid?: string;
  readonly claims?: JWTPayload;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Seconds from now. */
  readonly expiresIn?: number | undefined;
}

/** The provider. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly policy: JwtPolicy;
  /** What it publishes; a test may change it. */
  keys: JWK[];
  /** Nothing answers while it is true. */
  isAway: boolean;
  /** Addresses that were fetched, in order. */
  readonly fetched: string[];
  readonly fetchDocument: FetchDocument;
  /** Makes a key pair, publishes its public half and answers the private one. */
  addKey(kid: string, algorithm?: TokenAlgorithm): Promise<CryptoKey>;
  /** A token signed with the key of that id, good for 5 minutes. */
  sign(parts?: TokenParts): Promise<string>;
}

/** Creates one with the key `one`; `now` gives wall milliseconds. */
export async function createTokenIssuer(now: () => number, more: Partial<JwtPolicy> = {}): Promise<TokenIssuer> {
  const issuer = more.issuer ?? "https://login.example";
  const pairs = new Map<string, { readonly algorithm: TokenAlgorithm; readonly privateKey: CryptoKey }>();
  const provider: TokenIssuer = {
    issuer,
    policy: { issuer, audience: ["gateway"], algorithms: ["RS256", "PS256", "ES256", "EdDSA"], ...more },
    keys: [],
    isAway: false,
    fetched: [],
    async fetchDocument(url) {
      provider.fetched.push(url.href);
      if (provider.isAway) throw new Error("nobody answers");
      if (url.pathname.endsWith("/certs")) return { keys: provider.keys };
      return { issuer, jwks_uri: `${issuer}/certs` };
    },
    async addKey(kid, algorithm = "ES256") {
      const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
      provider.keys.push({ ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" });
      pairs.set(kid, { algorithm, privateKey });
      return privateKey;
    },
    async sign({ kid = "one", claims, header, expiresIn = 300 } = {}) {
      const pair = pairs.get(kid);
      if (pair === undefined) throw new Error(`there is no key ${kid}`);
      const seconds = Math.floor(now() / 1_000);
      const payload = { iss: issuer, aud: "gateway", sub: "ann", exp: seconds + expiresIn, ...claims };
      const token = new SignJWT(payload).setProtectedHeader({ alg: pair.algorithm, kid, ...header });
      return await token.sign(pair.privateKey);
    },
  };
  await provider.addKey("one");
  return provider;
}
