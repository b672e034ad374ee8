// What a verified token may do under the snapshot that is served: the tenant and the models that its claims name, as far as they exist.
import { EVERY_MODEL, type Snapshot } from "@flyball/core";
import type { ServingKey } from "../worker/serving-state.ts";
import type { TokenDoor, TokenVerdict } from "./token-door.ts";
import type { VerifiedToken } from "./verify-token.ts";

/** Who a token is. "unavailable": it cannot be said now. */
export type TokenIdentity = ServingKey | "unknown" | "unavailable";

/** Tokens under one snapshot. */
export interface ServingTokens {
  /** At once for a token that was seen before. */
  identify(token: string): TokenIdentity | Promise<TokenIdentity>;
}

/** The tokens of a snapshot; undefined where it takes none. */
export function compileTokens(snapshot: Snapshot, door: TokenDoor | undefined): ServingTokens | undefined {
  if (snapshot.jwt === undefined || !door) return undefined;
  const isTenantAsked = snapshot.jwt.tenantClaim !== undefined;
  const tenants = new Set((snapshot.tenants ?? []).map(({ id }) => id));
  const everyModel = new Set(snapshot.models.map(({ name }) => name));
  // As long-lived as what the door knows.
  const keys = new WeakMap<VerifiedToken, ServingKey>();
  const keyOf = (token: VerifiedToken): ServingKey | "unknown" => {
    const known = keys.get(token);
    if (known) return known;
    if (isTenantAsked && (token.tenant === undefined || !tenants.has(token.tenant))) return "unknown";
    const { tenant, subject, models = [EVERY_MODEL], expiresAt } = token;
    const key: ServingKey = {
      // The same subject in two tenants is two parties.
      id: tenant === undefined ? `jwt/${subject}` : `jwt/${tenant}/${subject}`,
      hmac: "",
      service: "",
      models,
      modelSet: models.includes(EVERY_MODEL) ? everyModel : new Set(models),
      expiresAt,
      ...(tenant === undefined ? {} : { tenant }),
    };
    keys.set(token, key);
    return key;
  };
  const identityOf = (verdict: TokenVerdict): TokenIdentity => (typeof verdict === "string" ? verdict : keyOf(verdict));
  return {
    identify(token) {
      const known = door.known(token);
      return known ? keyOf(known) : door.check(token).then(identityOf);
    },
  };
}

/** Whether a text has the form of a signed token: three parts between two dots. Virtual keys have no dot. */
export function hasTokenForm(text: string): boolean {
  const first = text.indexOf(".");
  const second = text.indexOf(".", first + 1);
  return first > 0 && second > first && text.indexOf(".", second + 1) < 0;
}
