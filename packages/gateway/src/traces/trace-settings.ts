// Where traces go and which ones, by the variables that OpenTelemetry's specification names. Without an endpoint there are no traces.

/** Traces as the environment wants them. */
export interface TraceSettings {
  /** The full URL. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Of the traces that begin here, and of all when the caller's flag is not followed. */
  readonly sampleRatio: number;
  /** The flag of the caller's traceparent decides, where it sent one. */
  readonly followsParent: boolean;
  /** Says which program the spans are of. */
  readonly resource: Readonly<Record<string, string>>;
}

/** What the environment says. */
export type TraceWish =
  | { readonly kind: "off" }
  | { readonly kind: "on"; readonly settings: TraceSettings }
  | { readonly kind: "invalid"; readonly reason: string };

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_TIMEOUT_MS = 10_000;

/** Reads the variables. */
export function readTraceSettings(environment: Environment): TraceWish {
  const own = environment["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
  const common = environment["OTEL_EXPORTER_OTLP_ENDPOINT"];
  const isOff =
    environment["OTEL_SDK_DISABLED"]?.toLowerCase() === "true" || environment["OTEL_TRACES_EXPORTER"] === "none";
  if (isOff || (!own && !common)) return { kind: "off" };
  const endpoint = own || `${common?.replace(/\/+$/, "")}/v1/traces`;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    return { kind: "invalid", reason: "the OTLP endpoint is no http or https URL" };
  }
  const timeout = Number(environment["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"] || environment["OTEL_EXPORTER_OTLP_TIMEOUT"]);
  const settings: TraceSettings = {
    endpoint,
    headers: {
      ...readPairs(environment["OTEL_EXPORTER_OTLP_HEADERS"]),
      ...readPairs(environment["OTEL_EXPORTER_OTLP_TRACES_HEADERS"]),
    },
    timeoutMs: timeout > 0 ? timeout : DEFAULT_TIMEOUT_MS,
    ...readSampler(environment),
    resource: {
      "service.name": "flyball-gateway",
      ...readPairs(environment["OTEL_RESOURCE_ATTRIBUTES"]),
      ...(environment["OTEL_SERVICE_NAME"] ? { "service.name": environment["OTEL_SERVICE_NAME"] } : {}),
    },
  };
  return { kind: "on", settings };
}

function readSampler(environment: Environment): Pick<TraceSettings, "sampleRatio" | "followsParent"> {
  const name = environment["OTEL_TRACES_SAMPLER"] || "parentbased_always_on";
  const kind = name.replace(/^parentbased_/, "");
  const ratio = Number(environment["OTEL_TRACES_SAMPLER_ARG"] || "1");
  const known = kind === "always_off" ? 0 : kind === "traceidratio" && ratio >= 0 && ratio <= 1 ? ratio : 1;
  return { sampleRatio: known, followsParent: name !== kind };
}

/** `name=value,name=value`, percent-encoded; what is no pair is left out. */
function readPairs(text: string | undefined): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const pair of text?.split(",") ?? []) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    if (at > 0 && name !== "") pairs[name] = decode(pair.slice(at + 1).trim());
  }
  return pairs;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
