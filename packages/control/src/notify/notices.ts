// Notices of an app: each pass shows the book what is open, writes down what is to be told together with what was told, and sends what is due.
import {
  createId,
  FlyballError,
  type Clock,
  type ComposedText,
  type Incident,
  type NoticeChannelStatus,
  type NoticeTestResult,
  type NotifySpec,
  type Random,
} from "@flyball/core";
import type { ResolveAll } from "@flyball/wire";
import type { IncidentBook } from "../detect/incident-book.ts";
import type { Store } from "../store/store.ts";
import { englishOf } from "../texts/compose-text.ts";
import { deliverNotice, type Outlet } from "./deliver-notice.ts";
import { createDelivery } from "./delivery.ts";
import { advanceBook, type NoticeBook } from "./notice-book.ts";
import { composeMessage } from "./notice-message.ts";
import type { QueuedNotice } from "./notice.ts";
import { routeNotice } from "./route-notice.ts";

/** What the process hands in, so that notices can leave the machine. */
export interface NoticeOutlet {
  readonly environment: Outlet["environment"];
  readonly readSecrets: Outlet["readSecrets"];
  readonly resolveAll?: ResolveAll;
  /** The texts of control in Chinese; one that is missing is said in English. */
  readonly sayInChinese?: (text: ComposedText) => string | undefined;
}

/** What they work with. */
export interface NoticesParts {
  readonly app: string;
  readonly store: Pick<Store, "notices" | "incidents">;
  readonly clock: Clock;
  readonly random: Random;
  readonly incidents: Pick<IncidentBook, "open">;
  readonly outlet: NoticeOutlet;
  readonly onError: (error: unknown) => void;
  readonly notify: () => NotifySpec | undefined;
  readonly timeZone: () => string;
  readonly isGatewayConnected: () => boolean;
}

/** The notices. */
export interface Notices {
  /** One look at the incidents; then what is due is sent. */
  pass(): void;
  status(): readonly NoticeChannelStatus[];
  /** Sends a test to one channel, or to all; FB_CONTROL_NOT_FOUND, FB_CONTROL_BAD_REQUEST. */
  test(channel: string | undefined): Promise<readonly NoticeTestResult[]>;
  /** Nothing is sent after this; what waits stays in the store. */
  stop(): void;
}

/** Takes up what the store has. */
export function createNotices(parts: NoticesParts): Notices {
  const { store, clock } = parts;
  let book: NoticeBook = store.notices.book();
  let written = JSON.stringify(book);
  const stopped = new AbortController();
  let gatewayGoneSince: number | undefined;
  const newId = (): string => createId("ntc", clock, parts.random);

  const say = (text: ComposedText): string =>
    (parts.notify()?.language === "zh" ? parts.outlet.sayInChinese?.(text) : undefined) ?? englishOf(text);
  const delivery = createDelivery({
    store: store.notices,
    clock,
    random: parts.random,
    notify: parts.notify,
    createId: newId,
    signal: stopped.signal,
    onError: parts.onError,
    send: (notice, channel, spec) => {
      const message = composeMessage(notice, { app: parts.app, channel, timeZone: parts.timeZone(), say });
      return deliverNotice(message, spec, { ...parts.outlet, clock, signal: stopped.signal });
    },
  });

  /** What the gateway alone sees is missing while there is none, or no request; probes and exits are seen by control itself. */
  const missingSince = (incident: Incident): number | undefined =>
    incident.dataMissingSince ?? (incident.evidence[0]?.source === "gateway" ? gatewayGoneSince : undefined);

  const look = (notify: NotifySpec): void => {
    const now = clock.now();
    gatewayGoneSince = parts.isGatewayConnected() ? undefined : (gatewayGoneSince ?? now);
    const next = advanceBook(book, {
      now,
      open: parts.incidents.open(),
      find: (id) => store.incidents.get(id),
      missingSince,
      groupWaitMs: notify.groupWaitMs,
      repeatMs: notify.repeatMs,
    });
    const added = next.drafts.flatMap((draft): QueuedNotice[] => {
      const id = newId();
      return [...routeNotice(draft, notify)].map(([channel, part]) => ({
        ...part,
        id,
        channel,
        attempts: 0,
        dueAt: now,
      }));
    });
    book = next.book;
    const text = JSON.stringify(book);
    if (text === written && added.length === 0) return;
    store.notices.commit({ book, added });
    written = text;
    delivery.add(added);
  };

  return {
    pass() {
      const notify = parts.notify();
      if (notify === undefined) return;
      look(notify);
      delivery.pump();
    },
    status: delivery.status,
    stop: () => stopped.abort(new Error("control stops")),
    async test(channel) {
      const channels = parts.notify()?.channels ?? {};
      const names = channel === undefined ? Object.keys(channels) : [channel];
      if (names.length === 0) {
        throw new FlyballError("FB_CONTROL_BAD_REQUEST", { reason: "the manifest names no channel under notify" });
      }
      return Promise.all(
        names.map((name) => {
          const spec = Object.hasOwn(channels, name) ? channels[name] : undefined;
          if (spec !== undefined) return delivery.test(name, spec);
          const remedy = `Channels are: ${Object.keys(channels).join(", ") || "none"}`;
          throw new FlyballError("FB_CONTROL_NOT_FOUND", { what: "channel", name, remedy });
        }),
      );
    },
  };
}
