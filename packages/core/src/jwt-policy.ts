// Which signed tokens the gateway takes in the place of a virtual key, and what it reads of them.

/** Signatures by a private key that the issuer alone has. A shared secret would let every reader of the token make more of them. */
export const TOKEN_ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

/** One of them. */
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** Tokens of one OpenID provider. */
export interface JwtPolicy {
  /** Exactly as it stands in the tokens' `iss`. */
  readonly issuer: string;
  /** One of them must stand in `aud`. */
  readonly audience: readonly string[];
  /** Absent: the one in the issuer's /.well-known/openid-configuration. */
  readonly jwksUrl?: string;
  readonly algorithms: readonly TokenAlgorithm[];
  /** The claim with the tenant; a token without a tenant of the app is then refused. */
  readonly tenantClaim?: string;
  /** The claim with the models, as a list or as words; absent: every model. */
  readonly modelsClaim?: string;
}
