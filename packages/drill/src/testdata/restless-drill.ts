// A drill that makes a fault and takes it back again and again, to be killed at any moment: `<folder> <order as JSON> <victim as JSON>`. Says
// `begun` before the first time.
import { systemClock } from "@flyball/core";
import { createInjectors } from "../inject/create-injectors.ts";
import type { InjectionOrder, Victim } from "../injector.ts";
import { leaseKeeperCommand } from "./lease-keeper-command.ts";

const [folder, orderText, victimText] = process.argv.slice(2) as [string, string, string];
const order = JSON.parse(orderText) as InjectionOrder;
const victim = JSON.parse(victimText) as Victim;
const injectors = createInjectors({ clock: systemClock, folder, leaseKeeper: leaseKeeperCommand() });
const injector = injectors.find(({ kind }) => kind === order.injection.kind)!;
console.log("begun");
for (;;) {
  const fault = await injector.inject(order, victim, new AbortController().signal);
  await fault.undo();
}
