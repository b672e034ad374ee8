// What an instance is told about its neighbours when it starts: stable URLs of the gateway, addresses of tcp ports, its model grants.
// None of it is part of the workload's hash, so a moved port of another service never replaces an instance by itself.
import { environmentName, serviceUrlVariable, type Address, type AppSpec, type StartContext } from "@flyball/core";
import { createHmac } from "node:crypto";
import { httpPools, MODELS_LISTENER, serviceListenerId } from "./listeners-of.ts";

/** What is known about addresses at this moment. */
export interface KnownAddresses {
  /** By listener id. */
  readonly listeners: ReadonlyMap<string, Address>;
  /** Addresses of tcp ports by service. */
  readonly tcp: ReadonlyMap<string, Address>;
}

/** A service's virtual key: derived, so that it survives restarts and is stored nowhere. */
export function virtualKey(keySecret: string, service: string): string {
  return `fb-${createHmac("sha256", keySecret).update(`service:${service}`).digest("base64url")}`;
}

/** The start context of a service. */
export function startContextOf(
  spec: AppSpec,
  serviceName: string,
  options: { readonly addresses: KnownAddresses; readonly keySecret: string; readonly revision: number },
): StartContext {
  const { addresses } = options;
  const environment: Record<string, string> = {};
  const serviceAddresses: Record<string, string> = {};
  for (const service of Object.values(spec.services)) {
    const address = addressOf(spec, service.name, addresses);
    if (address === undefined) continue;
    serviceAddresses[service.name] = `${address.host}:${address.port}`;
    if (httpPools(service).length > 0) {
      environment[serviceUrlVariable(service.name)] = `http://${address.host}:${address.port}`;
    }
  }
  const models = addresses.listeners.get(MODELS_LISTENER);
  for (const grant of spec.services[serviceName]?.models ?? []) {
    if (models === undefined) continue;
    const prefix = environmentName(grant.environmentPrefix);
    environment[`${prefix}_BASE_URL`] = `http://${models.host}:${models.port}/v1`;
    environment[`${prefix}_MODEL`] = grant.model;
    environment[`${prefix}_API_KEY`] = virtualKey(options.keySecret, serviceName);
  }
  return { revision: options.revision, serviceAddresses, environment };
}

function addressOf(spec: AppSpec, name: string, addresses: KnownAddresses): Address | undefined {
  const service = spec.services[name];
  if (service === undefined) return undefined;
  const http = httpPools(service)[0];
  if (http !== undefined) return addresses.listeners.get(serviceListenerId(http.pool));
  if (service.external !== undefined) return splitAddress(service.external.address);
  return addresses.tcp.get(name);
}

/** `host:port` or `http://host:port/…` as an address; undefined when it has no port and no scheme. */
export function splitAddress(text: string): Address | undefined {
  const url = URL.parse(text.includes("://") ? text : `tcp://${text}`);
  if (url === null || url.hostname === "") return undefined;
  const port =
    url.port === "" ? (url.protocol === "https:" ? 443 : url.protocol === "http:" ? 80 : 0) : Number(url.port);
  return port === 0 ? undefined : { host: url.hostname.replaceAll(/^\[|\]$/g, ""), port };
}
