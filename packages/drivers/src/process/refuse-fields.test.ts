import type { PortSpec, Workload } from "@flyball/core";
import { expect, test } from "vitest";
import { refuseFields } from "./refuse-fields.ts";

const MACHINE = { cpus: 2, memoryBytes: 4 * 1024 ** 3, gpuIds: ["0"] };

function workload(change: Partial<Workload> = {}): Workload {
  return {
    app: "qa",
    clone: "c",
    service: "api",
    kind: "service",
    specHash: "h",
    command: ["node", "server.ts"],
    workingDirectory: "/",
    environment: {},
    ports: [],
    volumes: [{ volume: "data", path: "/data" }],
    configs: [{ name: "rules", content: "", sha256: "" }],
    secrets: ["pg"],
    resources: { limits: {}, reservations: {} },
    stopSignal: "SIGTERM",
    stopGraceMs: 1,
    labels: { team: "a" },
    ...change,
  };
}

function fieldsOf(change: Partial<Workload>, replicas = 1): readonly string[] {
  return refuseFields([{ workload: workload(change), replicas }], MACHINE).map((refusal) => refusal.field);
}

function port(change: Partial<PortSpec>): PortSpec {
  return { name: "p", protocol: "http", host: "127.0.0.1", ...change };
}

test("a plain workload with volumes, configs and secrets is honoured", () => {
  expect(fieldsOf({}, 5)).toEqual([]);
});

test("images, builds and limits are refused, each by its own name", () => {
  const build = { context: "/src" };
  const resources = { limits: { cpus: 1, memoryBytes: 1 }, reservations: {} };
  expect(fieldsOf({ image: "alpine", build, resources })).toEqual(["image", "build", "resources.limits.cpus"]);
});

test("a workload with nothing to run is refused, unless an image explains it", () => {
  const { command: _, ...rest } = workload();
  expect(refuseFields([{ workload: rest, replicas: 1 }], MACHINE).map((refusal) => refusal.field)).toEqual(["command"]);
  expect(fieldsOf({ command: [] })).toEqual(["command"]);
  expect(fieldsOf({ command: [], image: "alpine" })).toEqual(["image"]);
});

test("several instances on one fixed port are refused, one instance or chosen ports are not", () => {
  const fixedHttp = { ports: [port({ port: 8080 })] };
  const publishedTcp = { ports: [port({ protocol: "tcp", published: 5432 })] };
  expect(fieldsOf(fixedHttp, 1)).toEqual([]);
  expect(fieldsOf(fixedHttp, 2)).toEqual(["ports.p.port"]);
  expect(fieldsOf(publishedTcp, 1)).toEqual([]);
  expect(fieldsOf(publishedTcp, 2)).toEqual(["ports.p.published"]);
  expect(fieldsOf({ ports: [port({ published: 8080 }), port({ protocol: "tcp" })] }, 3)).toEqual([]);
});

test("a tcp port published under another number is refused", () => {
  expect(fieldsOf({ ports: [port({ protocol: "tcp", port: 5432, published: 6432 })] })).toEqual(["ports.p.published"]);
  expect(fieldsOf({ ports: [port({ protocol: "tcp", port: 5432, published: 5432 })] })).toEqual([]);
});

test("a reservation larger than the machine is refused, one that only others keep from fitting is not", () => {
  const reserving = (reservations: Workload["resources"]["reservations"], replicas = 1): readonly string[] =>
    fieldsOf({ resources: { limits: {}, reservations } }, replicas);
  expect(reserving({ cpus: 2, memoryBytes: 4 * 1024 ** 3, gpus: 1 }, 5)).toEqual([]);
  expect(reserving({ cpus: 2.5, memoryBytes: 5 * 1024 ** 3, gpus: 2 })).toEqual([
    "resources.reservations.cpus",
    "resources.reservations.memory",
    "resources.reservations.gpus",
  ]);
});
