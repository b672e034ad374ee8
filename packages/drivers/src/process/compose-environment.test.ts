import { expect, test } from "vitest";
import { composeEnvironment } from "./compose-environment.ts";

const NO_PATHS = { volumes: {}, configs: {}, secrets: {} };

test("of the caller's environment only the base is passed on", () => {
  const base = {
    PATH: "/bin",
    HOME: "/home/a",
    HTTPS_PROXY: "http://p",
    no_proxy: "x",
    AWS_SECRET: "s",
    NODE_OPTIONS: "--x",
    TZ: undefined,
  };
  const environment = composeEnvironment({ base, granted: {}, own: {}, addresses: {}, paths: NO_PATHS });
  expect(environment).toEqual({ PATH: "/bin", HOME: "/home/a", HTTPS_PROXY: "http://p", no_proxy: "x" });
});

test("the manifest wins over grants and base, what the driver injects wins over all", () => {
  const environment = composeEnvironment({
    base: { PATH: "/bin", LANG: "C" },
    granted: { FLYBALL_DB_URL: "granted", PATH: "granted" },
    own: { LANG: "zh_CN.UTF-8", PATH: "own", PORT: "1" },
    addresses: { web: { host: "127.0.0.1", port: 20_000 } },
    paths: NO_PATHS,
  });
  expect(environment).toEqual({
    PATH: "own",
    LANG: "zh_CN.UTF-8",
    FLYBALL_DB_URL: "granted",
    PORT: "20000",
    HOST: "127.0.0.1",
    FLYBALL_PORT_WEB: "20000",
  });
});

test("PORT is the first port, each port and each path has a variable of its own", () => {
  const environment = composeEnvironment({
    base: {},
    granted: {},
    own: {},
    addresses: { http: { host: "127.0.0.1", port: 1 }, "grpc-web": { host: "127.0.0.1", port: 2 } },
    paths: { volumes: { "pg-data": "/v" }, configs: { rules: "/c" }, secrets: { pg: "/s" } },
  });
  expect(environment).toEqual({
    PORT: "1",
    HOST: "127.0.0.1",
    FLYBALL_PORT_HTTP: "1",
    FLYBALL_PORT_GRPC_WEB: "2",
    FLYBALL_VOLUME_PG_DATA: "/v",
    FLYBALL_CONFIG_RULES: "/c",
    FLYBALL_SECRET_PG: "/s",
  });
});

test("without ports there is neither PORT nor HOST", () => {
  expect(composeEnvironment({ base: {}, granted: {}, own: {}, addresses: {}, paths: NO_PATHS })).toEqual({});
});

test("its GPUs are told, whatever the manifest says; without any nothing is said", () => {
  const own = { CUDA_VISIBLE_DEVICES: "7" };
  const parts = { base: {}, granted: {}, own, addresses: {}, paths: NO_PATHS };
  expect(composeEnvironment({ ...parts, gpus: ["1", "3"] })).toEqual({ CUDA_VISIBLE_DEVICES: "1,3" });
  expect(composeEnvironment({ ...parts, gpus: [] })).toEqual(own);
});
