import { readFileSync } from "node:fs";
import { loadManifest } from "@flyball/core/manifest";
import { createTemporaryFolder } from "@flyball/fakes";
import { expect, test } from "vitest";
import { makePort, makeService, makeSpec } from "../testing/make-status.ts";
import { portAmendment } from "./port-amendment.ts";

const sql = makePort({ name: "sql", protocol: "tcp", port: 5432, published: 5432 });

test("the first published http port moves; the service's other ports stay as they are", () => {
  const services = [
    makeService("db", { ports: [sql] }),
    makeService("api", { ports: [makePort({ port: 3000, published: 8080 }), { ...sql, published: 5433 }] }),
    makeService("web", { ports: [makePort({ published: 9090 })] }),
  ];
  expect(portAmendment(makeSpec(services), 7000)).toEqual({
    services: {
      api: {
        ports: [
          { name: "http", protocol: "http", host: "127.0.0.1", port: 3000, published: 7000 },
          { name: "sql", protocol: "tcp", host: "127.0.0.1", port: 5432, published: 5433 },
        ],
      },
    },
  });
});

test("an app with only listeners moves the first of them", () => {
  const gateway = {
    listeners: { public: { host: "127.0.0.1", port: 80 }, other: { host: "127.0.0.1", port: 81 } },
    workers: 1,
  };
  expect(portAmendment(makeSpec([makeService("api")], { gateway }), 7000)).toEqual({
    gateway: { listeners: { public: { port: 7000 } } },
  });
});

test("an app that publishes nothing cannot be given a port", () => {
  expect(() => portAmendment(makeSpec([makeService("db", { ports: [sql] })]), 7000)).toThrow("publishes no http port");
});

test("the amendment is one that the manifest takes", async () => {
  await using folder = await createTemporaryFolder();
  const manifest =
    "apiVersion: flyball/v1\nname: demo\nservices:\n  api: { command: [node, a.js], replicas: 2, ports: [{ name: web, published: 8080 }] }\n";
  const path = await folder.write("flyball.yaml", manifest);
  const read = { path, environment: {}, readFile: async (file: string): Promise<string> => readFileSync(file, "utf8") };
  const plain = await loadManifest(read);
  if (!plain.ok) throw new Error("the manifest is wrong");
  const amended = await loadManifest({ ...read, amendments: portAmendment(plain.spec, 7000) });
  expect(amended.ok && amended.spec.services["api"]?.ports).toEqual([
    { name: "web", protocol: "http", host: "127.0.0.1", published: 7000 },
  ]);
  expect(amended.ok && amended.spec.services["api"]?.replicas).toBe(2);
});
