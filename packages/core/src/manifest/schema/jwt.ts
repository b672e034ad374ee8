// Signed tokens of an OpenID provider in the place of virtual keys.
import { z } from "zod";
import { TOKEN_ALGORITHMS } from "../../jwt-policy.ts";
import { described, section } from "./described.ts";
import { choice, listOf, nonEmpty } from "./scalars.ts";

const AUDIENCE = "expected an audience or a list of audiences";

/** `gateway.jwt`. */
export const jwt = section(
  "jwt",
  {
    issuer: described(nonEmpty, "Issuer of the tokens, exactly as in their iss.", "令牌的签发者，与其 iss 完全一致。"),
    audience: described(
      z.union([nonEmpty, listOf(nonEmpty, AUDIENCE).min(1, { error: AUDIENCE })], { error: AUDIENCE }),
      "Whom the tokens are for; one of these must stand in their aud.",
      "令牌的接收方；其 aud 中必须有其中之一。",
    ),
    jwks_url: described(
      nonEmpty.optional(),
      "Where the issuer's public keys are. Default: as its /.well-known/openid-configuration says.",
      "签发者公钥的地址。默认取自其 /.well-known/openid-configuration。",
    ),
    algorithms: described(
      listOf(choice(TOKEN_ALGORITHMS), "expected a list of algorithms")
        .min(1, { error: "expected at least one algorithm" })
        .default(["RS256", "PS256", "ES256", "EdDSA"]),
      "Signatures that are taken; none of them rests on a shared secret.",
      "接受的签名算法；均不使用共享密钥。",
    ),
    tenant_claim: described(
      nonEmpty.optional(),
      "Claim with the tenant; a token without a tenant of this file is then refused.",
      "表示租户的声明；此时没有本文件中租户的令牌会被拒绝。",
    ),
    models_claim: described(
      nonEmpty.optional(),
      "Claim with the models, a list or words. Default: every model.",
      "表示模型的声明，列表或以空格分隔的词。默认：全部模型。",
    ),
  },
  { english: "Signed tokens that are taken like a key.", chinese: "可代替密钥使用的签名令牌。" },
);

/** `gateway.jwt` as it is read. */
export type JwtInput = z.output<typeof jwt>;
