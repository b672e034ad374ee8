// All injectors of this package. Load, release and upgrade come from whoever runs the load; given here, compounds can use them too.
import type { Injector } from "../injector.ts";
import { createCompoundInjector } from "./compound-injector.ts";
import type { FaultContext } from "./hold-lease.ts";
import { createInsideInjector } from "./inside-injector.ts";
import { createNetworkInjector } from "./network-injector.ts";
import { createPressureInjector } from "./pressure-injector.ts";
import { createProxyInjector } from "./proxy-injector.ts";
import { createSignalInjector } from "./signal-injector.ts";

/** One injector a kind. */
export function createInjectors(context: FaultContext, others: readonly Injector[] = []): readonly Injector[] {
  const simple = [
    createSignalInjector(context),
    createProxyInjector(context),
    createNetworkInjector(context),
    createPressureInjector(context),
    createInsideInjector(context),
    ...others,
  ];
  return [...simple, createCompoundInjector({ clock: context.clock, injectors: simple })];
}
