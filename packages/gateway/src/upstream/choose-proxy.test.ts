import { describe, expect, it } from "vitest";
import { chooseProxy, readProxySettings, type EgressProxy } from "./choose-proxy.ts";
import { authorityOf, placeOf } from "./place.ts";

const describeProxy = (proxy: EgressProxy): string => `${proxy.isTls ? "https" : "http"}://${authorityOf(proxy)}`;
const chosen = (environment: Record<string, string>, url: string): string | undefined => {
  const proxy = chooseProxy(readProxySettings(environment), placeOf(new URL(url)));
  return proxy && describeProxy(proxy);
};
const BOTH = { HTTP_PROXY: "http://p:3128", HTTPS_PROXY: "https://q" };

describe("the proxy", () => {
  it("goes by the scheme of the target; one does not stand in for the other", () => {
    expect(chosen(BOTH, "http://a.example")).toBe("http://p:3128");
    expect(chosen(BOTH, "https://a.example")).toBe("https://q:443");
    expect(chosen({ HTTP_PROXY: "http://p" }, "https://a.example")).toBeUndefined();
    expect(chosen({}, "http://a.example")).toBeUndefined();
    expect(chosen({ HTTP_PROXY: " " }, "http://a.example")).toBeUndefined();
  });

  it("is read in both cases, lower case first, with or without a scheme", () => {
    expect(chosen({ http_proxy: "low:1", HTTP_PROXY: "up:1" }, "http://a.example")).toBe("http://low:1");
    expect(chosen({ http_proxy: "", HTTP_PROXY: "up:1" }, "http://a.example")).toBe("http://up:1");
    expect(chosen({ http_proxy: "http://[::1]:8" }, "http://a.example")).toBe("http://[::1]:8");
  });

  it("has its user info as a header, decoded", () => {
    const { https } = readProxySettings({ https_proxy: "http://me%40x:p%3Aq@p:1" });
    expect(https?.authorization).toBe(`Basic ${Buffer.from("me@x:p:q").toString("base64")}`);
  });

  it.each(["socks5://p:1", "http://", "http://p:99999", "http://%zz@p"])(
    "%s is a problem that names its variable",
    (value) => {
      const { https } = readProxySettings({ HTTPS_PROXY: value });
      expect(https?.problem).toMatch(/^HTTPS_PROXY cannot be used: /);
      expect(https?.problem).not.toContain("zz");
    },
  );

  it.each([
    "http://localhost:1",
    "http://a.localhost",
    "http://LOCALHOST.",
    "http://127.0.0.1",
    "http://127.9.9.9:4",
    "http://[::1]:4",
  ])("is never asked for %s", (url) => expect(chosen(BOTH, url)).toBeUndefined());
});

describe("NO_PROXY", () => {
  it.each([
    ["*", "http://a.example", true],
    ["a.example", "http://a.example", true],
    ["A.Example", "http://a.example:8080", true],
    ["a.example", "http://b.a.example", true],
    ["a.example", "http://ba.example", false],
    [".a.example", "http://b.a.example", true],
    ["*.a.example", "http://b.a.example", true],
    ["a.example:443", "https://a.example", true],
    ["a.example:443", "https://a.example:8443", false],
    ["x, ,\ty  a.example", "http://a.example", true],
    ["a.example.", "http://a.example", true],
    ["10.1.2.3", "http://10.1.2.3", true],
    ["10.1.2.3", "http://10.1.2.30", false],
    ["10.1.2.3:80", "http://10.1.2.3:81", false],
    ["10.0.0.0/8", "http://10.200.1.1", true],
    ["10.0.0.0/8", "http://11.0.0.1", false],
    ["10.0.0.0/33", "http://10.0.0.1", false],
    ["10.0.0.0/8", "http://ten.example", false],
    ["fd00::/8", "http://[fd12::1]:3", true],
    ["[fd00::1]:80", "http://[fd00::1]", true],
    ["fd00::1", "http://[fd00:0:0::1]", true],
    ["fd00::/8", "http://10.0.0.1", false],
    ["http://a.example", "http://a.example", false],
    ["", "http://a.example", false],
  ])("'%s' excepts %s: %s", (no_proxy, url, isExcepted) => {
    expect(chosen({ ...BOTH, no_proxy }, url) === undefined).toBe(isExcepted);
  });
});
