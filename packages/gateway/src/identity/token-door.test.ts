import { createHmac } from "node:crypto";
import { createFakeClock, type FakeClock } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import {
  CompactEncrypt,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  SignJWT,
  UnsecuredJWT,
  type JWK,
} from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { REFRESH_EVERY_MS, REFRESH_PAUSE_MS } from "./key-set.ts";
import { createTokenIssuer, type TokenIssuer } from "./testdata/token-issuer.ts";
import { createTokenDoor, type TokenDoor } from "./token-door.ts";

let clock: FakeClock;
let issuer: TokenIssuer;
let door: TokenDoor;

function open(provider: TokenIssuer): TokenDoor {
  const logger = createLogger({ clock, level: "error", write: () => undefined });
  return createTokenDoor({ policy: provider.policy, fetchDocument: provider.fetchDocument, clock, logger });
}

beforeEach(async () => {
  clock = createFakeClock();
  issuer = await createTokenIssuer(() => clock.now());
  door = open(issuer);
});
afterEach(() => door.dispose());

/** The keys that the issuer has now are fetched. */
function reopen(): void {
  door.dispose();
  door = open(issuer);
}

const seconds = (): number => Math.floor(clock.now() / 1_000);
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const good = (): object => ({ iss: issuer.issuer, aud: "gateway", sub: "ann", exp: seconds() + 300 });

describe("a good token", () => {
  it("is verified with the issuer's key, then known until it ends", async () => {
    const token = await issuer.sign();
    expect(door.known(token)).toBeUndefined();
    expect(await door.check(token)).toEqual({
      subject: "ann",
      tenant: undefined,
      models: undefined,
      expiresAt: (seconds() + 330) * 1_000,
    });
    expect(door.known(token)).toMatchObject({ subject: "ann" });
    clock.shiftWallTime(329_000);
    expect(door.known(token)).toBeDefined();
    clock.shiftWallTime(1_000);
    expect(door.known(token)).toBeUndefined();
    expect(await door.check(token)).toBe("unknown");
    expect(issuer.fetched).toEqual([
      "https://login.example/.well-known/openid-configuration",
      "https://login.example/certs",
    ]);
  });

  it.each(["RS256", "PS256", "EdDSA"] as const)("may be signed by %s", async (algorithm) => {
    await issuer.addKey("other", algorithm);
    reopen();
    expect(await door.check(await issuer.sign({ kid: "other" }))).toMatchObject({ subject: "ann" });
  });

  it("may be for several, us among them, and 30 s off by the clock", async () => {
    const tokens = [{ aud: ["other", "gateway"] }, { nbf: seconds() + 29 }, { exp: seconds() - 29 }];
    for (const claims of tokens) {
      expect(await door.check(await issuer.sign({ claims })), JSON.stringify(claims)).toMatchObject({ subject: "ann" });
    }
  });

  it("asked for many times at once is verified once", async () => {
    const token = await issuer.sign();
    const first = door.check(token);
    expect(door.check(token)).toBe(first);
    await first;
  });

  it("is told by its claims; a strange subject stands there as its hash", async () => {
    const provider = await createTokenIssuer(() => clock.now(), { tenantClaim: "org", modelsClaim: "scope" });
    const own = open(provider);
    const check = async (claims: object): Promise<unknown> => own.check(await provider.sign({ claims: { ...claims } }));
    expect(await check({ org: "acme", scope: "chat embed" })).toMatchObject({
      tenant: "acme",
      models: ["chat", "embed"],
    });
    expect(await check({ org: 5, scope: ["chat", 7] })).toMatchObject({ tenant: undefined, models: ["chat"] });
    expect(await check({})).toMatchObject({ tenant: undefined, models: [] });
    expect(await check({ sub: "two\r\nlines" })).toMatchObject({ subject: expect.stringMatching(/^[0-9a-f]{32}$/) });
    own.dispose();
  });
});

describe("a token that is not good", () => {
  it.each([
    ["from another issuer", { iss: "https://evil.example" }],
    ["for another audience", { aud: "other" }],
    ["without an audience", { aud: undefined }],
    ["that has ended", { exp: 1 }],
    ["that ended 31 s ago", { exp: Date.UTC(2025, 0, 1) / 1_000 - 31 }],
    ["without an end", { exp: undefined }],
    ["that begins in 31 s", { nbf: Date.UTC(2025, 0, 1) / 1_000 + 31 }],
    ["whose end is no number", { exp: "tomorrow" as unknown as number }],
  ])("%s is unknown", async (_name, claims) => {
    // A claim that is undefined is left out by JSON.
    const token = await issuer.sign({ claims: claims as Record<string, unknown> });
    expect(await door.check(token)).toBe("unknown");
    expect(door.known(token)).toBeUndefined();
  });

  it("is unknown with alg none, in any spelling", async () => {
    const unsecured = new UnsecuredJWT({ ...good() }).encode();
    expect(await door.check(unsecured)).toBe("unknown");
    for (const alg of ["none", "None", "NONE", ""]) {
      expect(await door.check(`${part({ alg, kid: "one" })}.${part(good())}.`), alg).toBe("unknown");
    }
  });

  it("is unknown when a public key is used as a shared secret", async () => {
    const pem = await exportSPKI((await generateKeyPair("RS256", { extractable: true })).publicKey);
    const [jwk] = issuer.keys;
    const publicPem = await exportSPKI((await importJWK(jwk as JWK, "ES256", { extractable: true })) as never);
    for (const secret of [publicPem, publicPem.trim(), JSON.stringify(jwk), pem]) {
      const signed = `${part({ alg: "HS256", kid: "one" })}.${part(good())}`;
      const signature = createHmac("sha256", secret).update(signed).digest("base64url");
      expect(await door.check(`${signed}.${signature}`)).toBe("unknown");
    }
  });

  it("is unknown when the issuer publishes a shared secret", async () => {
    const secret = Buffer.alloc(32, 1);
    issuer.keys.push({ kty: "oct", k: secret.toString("base64url"), kid: "shared", alg: "HS256" });
    reopen();
    const token = await new SignJWT({ ...good() }).setProtectedHeader({ alg: "HS256", kid: "shared" }).sign(secret);
    expect(await door.check(token)).toBe("unknown");
    issuer.keys.splice(0, issuer.keys.length - 1);
    reopen();
    expect(await door.check(await issuer.sign())).toBe("unavailable");
  });

  it("is unknown when it brings its own key, or names where to fetch one", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = await exportJWK(publicKey);
    for (const header of [{ jwk }, { jku: "https://evil.example/certs" }, { x5u: "https://evil.example" }]) {
      const token = new SignJWT({ ...good() }).setProtectedHeader({ alg: "ES256", kid: "one", ...header });
      expect(await door.check(await token.sign(privateKey))).toBe("unknown");
    }
    expect(issuer.fetched.some((url) => url.includes("evil"))).toBe(false);
  });

  it("is unknown when it was changed, cut, or is something else", async () => {
    const token = await issuer.sign();
    const [header = "", , signature = ""] = token.split(".");
    const changed = `${header}.${part({ ...good(), sub: "root" })}.${signature}`;
    const jwe = await new CompactEncrypt(Buffer.from("{}"))
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .encrypt(Buffer.alloc(32));
    for (const text of [changed, token.slice(0, -2), `${header}..${signature}`, "a.b.c", "..", jwe, `${token}.`]) {
      expect(await door.check(text), text.slice(0, 30)).toBe("unknown");
    }
    expect(await door.check(token)).toMatchObject({ subject: "ann" });
  });

  it("is unknown when it is signed by an algorithm that the manifest does not name", async () => {
    await issuer.addKey("long", "RS512");
    reopen();
    expect(await door.check(await issuer.sign({ kid: "long" }))).toBe("unknown");
  });
});

describe("the issuer's keys", () => {
  const fetches = (): number => issuer.fetched.filter((url) => url.endsWith("/certs")).length;

  it("are fetched once in 30 s at most for key ids that are not there", async () => {
    const { privateKey } = await generateKeyPair("ES256");
    const stranger = (kid: string): Promise<string> =>
      new SignJWT({ ...good() }).setProtectedHeader({ alg: "ES256", kid }).sign(privateKey);
    await door.check(await issuer.sign());
    for (let turn = 0; turn < 20; turn += 1) expect(await door.check(await stranger(`a${turn}`))).toBe("unknown");
    expect(fetches()).toBe(1);
    await clock.advance(REFRESH_PAUSE_MS);
    const asked = await Promise.all(Array.from({ length: 20 }, (_, turn) => stranger(`b${turn}`)));
    expect(new Set(await Promise.all(asked.map((token) => door.check(token))))).toEqual(new Set(["unknown"]));
    expect(fetches()).toBe(2);
  });

  it("that are new are found by the first token that names one", async () => {
    await door.check(await issuer.sign());
    await issuer.addKey("two");
    await clock.advance(REFRESH_PAUSE_MS);
    expect(await door.check(await issuer.sign({ kid: "two" }))).toMatchObject({ subject: "ann" });
    expect(fetches()).toBe(2);
  });

  it("go on working while the issuer is away; a key that is not among them is unknown", async () => {
    await door.check(await issuer.sign());
    issuer.isAway = true;
    await clock.advance(REFRESH_EVERY_MS + REFRESH_PAUSE_MS);
    expect(await door.check(await issuer.sign({ claims: { jti: "2" } }))).toMatchObject({ subject: "ann" });
    await issuer.addKey("two");
    expect(await door.check(await issuer.sign({ kid: "two" }))).toBe("unknown");
  });

  it("that never were there leave the answer open, and are asked for again by themselves", async () => {
    const away = await createTokenIssuer(() => clock.now());
    away.isAway = true;
    const own = open(away);
    expect(await own.check(await away.sign())).toBe("unavailable");
    expect(await own.check(await away.sign())).toBe("unavailable");
    expect(away.fetched).toHaveLength(1);
    away.isAway = false;
    await clock.advance(1_000);
    expect(away.fetched).toHaveLength(3);
    expect(await own.check(await away.sign())).toMatchObject({ subject: "ann" });
    own.dispose();
  });

  it("that the issuer has withdrawn end the tokens that were known", async () => {
    const token = await issuer.sign({ expiresIn: 3_600 });
    await door.check(token);
    issuer.keys.length = 0;
    await issuer.addKey("two");
    await clock.advance(REFRESH_EVERY_MS);
    expect(door.known(token)).toBeUndefined();
    const again = await issuer.sign({ expiresIn: 3_600 });
    expect([await door.check(token), await door.check(again)]).toEqual(["unknown", "unknown"]);
    expect(await door.check(await issuer.sign({ kid: "two" }))).toMatchObject({ subject: "ann" });
  });

  it("are not taken from a document of another issuer, nor over plain http", async () => {
    const documents = [
      { issuer: "https://evil.example", jwks_uri: "https://login.example/certs" },
      { issuer: issuer.issuer, jwks_uri: "http://login.example/certs" },
      { issuer: issuer.issuer, jwks_uri: "http://127.0.0.1/certs" },
      { issuer: issuer.issuer },
      null,
    ];
    for (const document of documents) {
      const fetched: string[] = [];
      const fetchDocument = async (url: URL): Promise<unknown> => {
        fetched.push(url.href);
        return url.pathname.startsWith("/.well-known") ? document : { keys: issuer.keys };
      };
      const own = open({ ...issuer, fetchDocument });
      expect(await own.check(await issuer.sign()), JSON.stringify(document)).toBe("unavailable");
      expect(fetched).toHaveLength(1);
      own.dispose();
    }
  });

  it("are fetched no more when the door is closed", async () => {
    await door.check(await issuer.sign());
    door.dispose();
    door.dispose();
    expect(clock.pendingTimers()).toBe(0);
    await clock.advance(REFRESH_EVERY_MS);
    await issuer.addKey("two");
    expect(await door.check(await issuer.sign({ kid: "two" }))).toBe("unknown");
    expect(fetches()).toBe(1);
  });
});

describe("the door's memory", () => {
  it("forgets the oldest of more than 4,096 tokens, and turns away what it cannot hold", async () => {
    const tokens: string[] = [];
    for (let turn = 0; turn < 4_097; turn += 1) tokens.push(await issuer.sign({ claims: { jti: String(turn) } }));
    await door.check(tokens[0] as string);
    for (let from = 0; from < tokens.length; from += 256) {
      await Promise.all(tokens.slice(from, from + 256).map((token) => door.check(token)));
    }
    expect(tokens.map((token) => door.known(token) !== undefined).filter((isKnown) => !isKnown)).toHaveLength(1);
    expect(door.known(tokens[0] as string)).toBeUndefined();
    const strange = Array.from({ length: 600 }, (_, turn) => `a.b.${turn}`);
    const verdicts = await Promise.all(strange.map((token) => door.check(token)));
    expect(verdicts.filter((verdict) => verdict === "unavailable")).toHaveLength(600 - 512);
  }, 30_000);
});
