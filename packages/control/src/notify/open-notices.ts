// The notices of a control that is being put together.
import type { ControlContext } from "../control-context.ts";
import { appTimeZone } from "../ledger/app-time-zone.ts";
import { createNotices, type NoticeOutlet, type Notices } from "./notices.ts";

/** None without a way out of the machine. */
export function openNotices(
  parts: Pick<ControlContext, "settings" | "state" | "store" | "clock" | "random" | "incidents" | "links"> & {
    readonly noticeOutlet?: NoticeOutlet;
    readonly onError: (error: unknown) => void;
  },
): Notices | undefined {
  const { settings, state, noticeOutlet: outlet } = parts;
  if (outlet === undefined) return undefined;
  return createNotices({
    app: settings.app,
    store: parts.store,
    clock: parts.clock,
    random: parts.random,
    incidents: parts.incidents,
    outlet,
    onError: parts.onError,
    notify: () => (state.isAwaitingUp ? undefined : state.revision?.spec.notify),
    timeZone: () => appTimeZone(state.revision),
    isGatewayConnected: () => parts.links.gateways().length > 0,
  });
}
