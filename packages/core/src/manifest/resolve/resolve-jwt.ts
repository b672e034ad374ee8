// The policy for signed tokens in the words of the app.
import type { JwtPolicy } from "../../jwt-policy.ts";
import type { JwtInput } from "../schema/jwt.ts";

/** The policy. */
export function resolveJwt(input: JwtInput): JwtPolicy {
  const { issuer, audience, jwks_url: jwksUrl, algorithms } = input;
  const { tenant_claim: tenantClaim, models_claim: modelsClaim } = input;
  return {
    issuer,
    audience: typeof audience === "string" ? [audience] : audience,
    ...(jwksUrl === undefined ? {} : { jwksUrl }),
    algorithms,
    ...(tenantClaim === undefined ? {} : { tenantClaim }),
    ...(modelsClaim === undefined ? {} : { modelsClaim }),
  };
}
