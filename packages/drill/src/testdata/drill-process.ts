// A drill that makes one fault and then hangs, to be killed: `<folder> <order as JSON> <victim as JSON>`. Says `injected`.
import { systemClock } from "@flyball/core";
import { createInjectors } from "../inject/create-injectors.ts";
import type { InjectionOrder, Victim } from "../injector.ts";
import { leaseKeeperCommand } from "./lease-keeper-command.ts";

const [folder, orderText, victimText] = process.argv.slice(2) as [string, string, string];
const order = JSON.parse(orderText) as InjectionOrder;
const injectors = createInjectors({ clock: systemClock, folder, leaseKeeper: leaseKeeperCommand() });
const injector = injectors.find(({ kind }) => kind === order.injection.kind)!;
const fault = await injector.inject(order, JSON.parse(victimText) as Victim, new AbortController().signal);
await fault.whole;
console.log("injected");
setInterval(() => undefined, 60_000);
