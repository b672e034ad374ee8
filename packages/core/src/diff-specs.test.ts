import { expect, test } from "vitest";
import type { AppSpec } from "./app-spec.ts";
import { diffSpecs } from "./diff-specs.ts";

const BASE = {
  apiVersion: "flyball/v1",
  name: "demo",
  services: {
    api: {
      name: "api",
      command: ["node", "a.js"],
      environment: { LOG: "info", DB_PASSWORD: "hunter2", DB_URL: "postgres://u:hunter2@h/d", REF: "${secrets.pg}" },
      ports: [{ name: "http", protocol: "http", published: 8080, host: "127.0.0.1" }],
      dependsOn: [
        { service: "db", condition: "ready" },
        { service: "migrate", condition: "completed" },
      ],
      replicas: 1,
    },
  },
  models: {
    chat: {
      name: "chat",
      backends: [
        { kind: "service", service: "llm" },
        { kind: "provider", provider: "openai" },
      ],
    },
  },
  configs: { c: { content: "old", sha256: "1" } },
  secrets: { pg: { env: "PG" } },
};

type Change = (spec: typeof BASE) => void;

function diff(change: Change): ReturnType<typeof diffSpecs> {
  const after = structuredClone(BASE);
  change(after);
  return diffSpecs(BASE as unknown as AppSpec, after as unknown as AppSpec);
}

test("equal specs have no differences, whatever the order of their keys", () => {
  const turned = Object.fromEntries(Object.entries(structuredClone(BASE)).toReversed());
  expect(diffSpecs(BASE as unknown as AppSpec, turned as unknown as AppSpec)).toEqual([]);
});

test("a changed value stands at its path, sorted, with before and after", () => {
  const changes = diff(({ services: { api } }) => {
    api.replicas = 3;
    api.environment.LOG = "debug";
  });
  expect(changes).toEqual([
    { path: "services.api.environment.LOG", before: "info", after: "debug" },
    { path: "services.api.replicas", before: 1, after: 3 },
  ]);
});

test("named things in lists are compared by name", () => {
  const changes = diff(({ services: { api } }) => {
    api.ports = api.ports.map((port) => ({ ...port, published: 9090 }));
    api.dependsOn.splice(0, 1);
  });
  expect(changes.map(({ path }) => path)).toEqual(["services.api.dependsOn.db", "services.api.ports.http.published"]);
});

test("another order of named things is one change of the list", () => {
  const changes = diff(({ services: { api } }) => void (api.dependsOn = api.dependsOn.toReversed()));
  expect(changes.map(({ path }) => path)).toEqual(["services.api.dependsOn"]);
});

test("lists of plain values change as a whole, lists of nameless things by position", () => {
  const changes = diff(({ services: { api }, models }) => {
    api.command = ["node", "b.js"];
    models.chat.backends = [
      { kind: "service", service: "llm" },
      { kind: "provider", provider: "ollama" },
    ];
  });
  expect(changes).toEqual([
    { path: "models.chat.backends.1.provider", before: "openai", after: "ollama" },
    { path: "services.api.command", before: ["node", "a.js"], after: ["node", "b.js"] },
  ]);
});

test("what is added or removed has undefined on the other side", () => {
  const changes = diffSpecs(BASE as unknown as AppSpec, { ...BASE, secrets: {}, volumes: ["v"] } as unknown as AppSpec);
  expect(changes).toEqual([
    { path: "secrets.pg", before: { env: "PG" }, after: undefined },
    { path: "volumes", before: undefined, after: ["v"] },
  ]);
});

test("the content of a config stands by its hash", () => {
  const changes = diff(({ configs }) => {
    configs.c = { content: "new secret text", sha256: "2" };
  });
  expect(changes).toEqual([{ path: "configs.c.sha256", before: "1", after: "2" }]);
  const added = diffSpecs({ ...BASE, configs: {} } as unknown as AppSpec, BASE as unknown as AppSpec);
  expect(added).toEqual([{ path: "configs.c", before: undefined, after: { sha256: "1" } }]);
});

test("values that look like secrets are hidden wherever they stand, references are shown", () => {
  const changed = diff(({ services: { api } }) => {
    api.environment.DB_PASSWORD = "hunter3";
    api.environment.DB_URL = "postgres://u:hunter3@h/d";
    api.environment.REF = "${secrets.other}";
  });
  expect(changed).toEqual([
    { path: "services.api.environment.DB_PASSWORD", before: "(hidden)", after: "(hidden)" },
    {
      path: "services.api.environment.DB_URL",
      before: "postgres://u:(hidden)@h/d",
      after: "postgres://u:(hidden)@h/d",
    },
    { path: "services.api.environment.REF", before: "${secrets.pg}", after: "${secrets.other}" },
  ]);
  const added = diffSpecs({ ...BASE, services: {} } as unknown as AppSpec, BASE as unknown as AppSpec);
  expect(added).toHaveLength(1);
  expect(JSON.stringify(added)).not.toContain("hunter");
});
