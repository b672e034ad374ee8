import { describe, expect, it } from "vitest";
import { readTraceSettings } from "./trace-settings.ts";

const settings = (environment: Record<string, string>) => {
  const wish = readTraceSettings(environment);
  if (wish.kind !== "on") throw new Error(wish.kind);
  return wish.settings;
};

describe("readTraceSettings", () => {
  it.each([
    {},
    { OTEL_EXPORTER_OTLP_ENDPOINT: "" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318", OTEL_SDK_DISABLED: "true" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318", OTEL_TRACES_EXPORTER: "none" },
  ])("keeps traces off with %j", (environment) => {
    expect(readTraceSettings(environment)).toEqual({ kind: "off" });
  });

  it("adds the path of traces to the common endpoint, and takes an own one as it is", () => {
    expect(settings({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318/x/" }).endpoint).toBe("http://c:4318/x/v1/traces");
    const own = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://d/in" };
    expect(settings(own).endpoint).toBe("https://d/in");
  });

  it("reads headers, resource and time limit, those of traces before the common ones", () => {
    const read = settings({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318",
      OTEL_EXPORTER_OTLP_HEADERS: "a=1, authorization=Bearer%20x==,broken",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "a=2",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=prod,service.name=one",
      OTEL_SERVICE_NAME: "two",
      OTEL_EXPORTER_OTLP_TIMEOUT: "250",
    });
    expect(read.headers).toEqual({ a: "2", authorization: "Bearer x==" });
    expect(read.resource).toEqual({ "deployment.environment.name": "prod", "service.name": "two" });
    expect(read.timeoutMs).toBe(250);
  });

  it.each([
    [undefined, undefined, 1, true],
    ["always_on", undefined, 1, false],
    ["always_off", undefined, 0, false],
    ["parentbased_always_off", undefined, 0, true],
    ["traceidratio", "0.25", 0.25, false],
    ["parentbased_traceidratio", "0.25", 0.25, true],
    ["parentbased_traceidratio", "7", 1, true],
  ])("reads the sampler %s with %s", (name, argument, sampleRatio, followsParent) => {
    const read = settings({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318",
      ...(name === undefined ? {} : { OTEL_TRACES_SAMPLER: name }),
      ...(argument === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: argument }),
    });
    expect(read).toMatchObject({ sampleRatio, followsParent });
  });

  it("says what is wrong with an endpoint without showing it", () => {
    const wish = readTraceSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: "grpc://canary:4317" });
    expect(wish.kind).toBe("invalid");
    expect(JSON.stringify(wish)).not.toContain("canary");
  });
});
