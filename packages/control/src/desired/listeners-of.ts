// Which sockets the gateway needs for a spec: one for each public listener, one stable internal port for each service with an http
// port, one for the model API, one for administration. The keeper binds them; ports of internal ones are remembered by the store.
import type { AppSpec, ListenerSnapshot } from "@flyball/core";
import { portsOf } from "./workload-of.ts";

/** A socket that is wanted. */
export interface WantedListener {
  readonly id: string;
  readonly kind: ListenerSnapshot["kind"];
  readonly host: string;
  /** 0: any from the internal range. */
  readonly port: number;
  /** The other loopback address, on the same port, where the machine has it: `localhost` may mean either. */
  readonly twinHost?: string;
}

/** Id of the twin of a listener. */
export function twinId(id: string): string {
  return `${id}/v6`;
}

/** Name of the pool of a service's port: the service for its first http port, `service:port` for further ones. */
export function poolId(service: string, portName: string, isFirst: boolean): string {
  return isFirst ? service : `${service}:${portName}`;
}

/** Id of the internal listener of a pool. */
export function serviceListenerId(pool: string): string {
  return `service/${pool}`;
}

/** Id of the model API's listener. */
export const MODELS_LISTENER = "models";

/** Id of the administration listener. */
export const ADMIN_LISTENER = "admin";

/** All sockets of the gateway for this spec, in a stable order. */
export function listenersOf(spec: AppSpec): readonly WantedListener[] {
  const wanted: WantedListener[] = [{ id: ADMIN_LISTENER, kind: "admin", host: "127.0.0.1", port: 0 }];
  for (const [name, listener] of Object.entries(spec.gateway.listeners)) {
    const twin = listener.host === "127.0.0.1" ? { twinHost: "::1" } : {};
    wanted.push({ id: `public/${name}`, kind: "public", host: listener.host, port: listener.port, ...twin });
  }
  for (const service of Object.values(spec.services)) {
    for (const { pool } of httpPools(service)) {
      wanted.push({ id: serviceListenerId(pool), kind: "service", host: "127.0.0.1", port: 0 });
    }
  }
  if (Object.keys(spec.models).length > 0) {
    wanted.push({ id: MODELS_LISTENER, kind: "models", host: "127.0.0.1", port: 0 });
  }
  return wanted;
}

/** The pools of a service: one for each http port. */
export function httpPools(service: AppSpec["services"][string]): readonly { pool: string; portName: string }[] {
  if (service.external !== undefined) {
    return service.external.protocol === "http" ? [{ pool: service.name, portName: "http" }] : [];
  }
  return portsOf(service)
    .filter((port) => port.protocol === "http")
    .map((port, index) => ({ pool: poolId(service.name, port.name, index === 0), portName: port.name }));
}
