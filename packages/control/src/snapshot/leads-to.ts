// What a request at a service may call in turn, directly or not: for the gateway, which must not take a caller for silent while what it calls is.
import type { AppSpec, PoolSnapshot } from "@flyball/core";
import { httpPools } from "../desired/listeners-of.ts";

/** Pools and models by service; a service that calls nobody is not in it. A service that is called in a circle is left out of its own. */
export function leadsToOf({ services, models }: AppSpec): ReadonlyMap<string, NonNullable<PoolSnapshot["leadsTo"]>> {
  const all = new Map<string, NonNullable<PoolSnapshot["leadsTo"]>>();
  for (const { name } of Object.values(services)) {
    const called = new Set<string>();
    const granted = new Set<string>();
    const visit = (service: string): void => {
      const { dependsOn = [], models: grants = [] } = services[service] ?? {};
      for (const { model } of grants) granted.add(model);
      const behind = grants.flatMap(({ model }) => models[model]?.backends ?? []);
      const next = [
        ...dependsOn.filter(({ condition }) => condition !== "completed").map((one) => one.service),
        ...behind.flatMap((backend) => (backend.kind === "service" ? [backend.service] : [])),
      ];
      for (const one of next) {
        if (one === name || called.has(one)) continue;
        called.add(one);
        visit(one);
      }
    };
    visit(name);
    const pools = [...called].flatMap((service) => {
      const spec = services[service];
      return spec === undefined ? [] : httpPools(spec).map(({ pool }) => pool);
    });
    if (pools.length + granted.size > 0) all.set(name, { pools: pools.toSorted(), models: [...granted].toSorted() });
  }
  return all;
}
