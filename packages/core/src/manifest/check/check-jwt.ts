// Tokens are as trustworthy as the way on which the issuer's keys come: https, or plain http on this machine.
import type { CheckContext } from "./check-context.ts";
import { isLoopback } from "./is-loopback.ts";

/** Checks the addresses of `gateway.jwt`. */
export function checkJwt(context: CheckContext): void {
  const jwt = context.input.gateway?.jwt;
  if (jwt === undefined) return;
  // An issuer is a name like any other where the keys' address is given.
  if (jwt.jwks_url === undefined) checkAddress("issuer", jwt.issuer, context);
  else checkAddress("jwks_url", jwt.jwks_url, context);
}

function checkAddress(key: "issuer" | "jwks_url", text: string, context: CheckContext): void {
  const url = URL.parse(text);
  const isUsable =
    url !== null &&
    url.username === "" &&
    url.hash === "" &&
    (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname.replaceAll(/^\[|\]$/g, ""))));
  if (isUsable) return;
  const message = `expected an https URL, or http on a loopback address, saw "${text.slice(0, 80)}"`;
  context.report({ path: ["gateway", "jwt", key], code: "FB_MANIFEST_WRONG_VALUE", message });
}
