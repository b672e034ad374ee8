// A public listener: its address, and for one that gateway.listeners names its TLS files and its CORS policy.
import type { CorsPolicy, ListenerSpec } from "../../app-spec.ts";
import type { ListenerInput } from "../schema/listeners.ts";
import type { Listener } from "./listeners.ts";
import { parseDuration } from "./quantities.ts";
import type { ResolveContext } from "./resolve-context.ts";

/** What pages need for the model API and for plain JSON services. */
const DEFAULT_HEADERS = ["authorization", "content-type", "x-api-key", "anthropic-version", "x-request-id"];

/** Resolves one. Published ports have neither TLS nor CORS. */
export function resolveListener(
  { name, host, port, service }: Listener,
  { input, resolvePath }: ResolveContext,
): ListenerSpec {
  const written = service === undefined ? input.gateway?.listeners?.[name] : undefined;
  const at = ["gateway", "listeners", name, "tls"];
  const tls = written?.tls;
  return {
    host,
    port,
    ...(tls === undefined
      ? {}
      : {
          tls: {
            certificateFile: resolvePath([...at, "cert"], tls.cert),
            keyFile: resolvePath([...at, "key"], tls.key),
          },
        }),
    ...(written?.cors === undefined ? {} : { cors: resolveCors(written.cors) }),
  };
}

function resolveCors({ origins, headers, credentials, max_age }: NonNullable<ListenerInput["cors"]>): CorsPolicy {
  return {
    origins: origins.map((origin) => origin.toLowerCase()),
    headers: headers?.map((header) => header.toLowerCase()) ?? DEFAULT_HEADERS,
    allowsCredentials: credentials,
    maxAgeSeconds: Math.round(parseDuration(max_age) / 1_000),
  };
}
