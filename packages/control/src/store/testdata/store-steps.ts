// A life of a store, step by step, the same for each seed: what a process does until it is killed, and the model of what must be there then.
import type { Incident, Override, Revision } from "@flyball/core";
import { seededRandom } from "@flyball/fakes";
import type { StoredKey } from "../../keys/stored-key.ts";
import type { QueuedNotice } from "../../notify/notice.ts";
import { makeService, makeSpec } from "../../testing/make-spec.ts";
import type { Store } from "../store.ts";

/** One acknowledged change. */
export type StoreStep = (store: Store) => void;

const NAMES = ["a", "b", "c"] as const;

/** Endless; each part of the store comes again and again, with few names, so that rows are replaced and removed. */
export function* storeSteps(seed: number): Generator<StoreStep, never> {
  const random = seededRandom(seed);
  const below = (bound: number): number => Math.floor(random() * bound);
  const name = (): string => NAMES[below(NAMES.length)] ?? "a";
  // Longer than a page of the file now and then, so that a row has several.
  const text = (): string => "x".repeat(below(6) === 0 ? 9_000 : below(40));
  const notices: QueuedNotice[] = [];
  for (let at = 1; ; at += 1) {
    const kinds: readonly (() => StoreStep)[] = [
      () => {
        const entry = { hash: String(at), author: name(), reason: text(), createdAt: at, spec: makeSpec([makeService(name())]) };
        return (store) => void store.revisions.append(entry satisfies Omit<Revision, "number">);
      },
      () => {
        const override = overrideOf(at, `services.${name()}.replicas`);
        return (store) => store.overrides.put(override);
      },
      () => (store) => store.overrides.remove(store.overrides.list().map(({ id }) => id)),
      () => {
        const override = overrideOf(at, `services.${name()}.replicas`);
        return (store) =>
          store.atomically(() => {
            store.overrides.put(override);
            store.audit.append({ actor: "ann", action: "override-write", reason: "", difference: override }, at);
          });
      },
      () => {
        const incident = { id: `inc-${at}`, class: "process-exit", state: below(2) === 0 ? "open" : "closed", at, text: text() };
        return (store) => {
          const number = below(3) === 0 ? store.incidents.nextNumber() : Math.max(1, store.incidents.nextNumber() - 1);
          store.incidents.put({ ...incident, number } as unknown as Incident);
        };
      },
      () => (store) => void store.events.append({ event: "gateway-state", state: "lost" }, at),
      () => {
        const run = { service: name(), key: "once", state: "completed", handle: String(at) } as const;
        return (store) => store.jobs.put(run);
      },
      () => {
        const service = name();
        return (store) => store.jobs.remove(service, "once");
      },
      () => {
        const handle = name();
        return (store) => store.instances.put({ handle, phase: "ready", readyAt: at });
      },
      () => {
        const handle = name();
        return (store) => store.instances.remove(handle);
      },
      () => {
        const slot = { service: name(), ordinal: below(2), crashes: at, restarts: 0 };
        return (store) => store.slots.put(slot);
      },
      () => {
        const key = { id: name(), name: text(), createdAt: at } as unknown as StoredKey;
        return (store) => store.keys.put(key);
      },
      () => {
        const [first, second] = [1, 2].map((part) => ({ id: `ntc-${at}-${part}`, channel: name(), at, text: text() }));
        const added = [first, second] as unknown as QueuedNotice[];
        const book = { [name()]: at } as never;
        notices.push(...added);
        return (store) => store.notices.commit({ book, added });
      },
      () => {
        const sent = notices.shift();
        return (store) => sent && store.notices.remove(sent);
      },
      () => {
        const value = text();
        return (store) => store.meta.put(name(), value);
      },
    ];
    yield (kinds[below(kinds.length)] as () => StoreStep)();
  }
}

function overrideOf(at: number, field: string): Override {
  return { id: String(at), field, value: at, actor: "ann", reason: "", createdAt: at, againstRevision: 1 };
}

/** All that a reader can find. */
export function contentOf(store: Store): unknown {
  return {
    revisions: store.revisions.list().map(({ number }) => store.revisions.get(number)),
    overrides: store.overrides.list(),
    incidents: store.incidents.list({ limit: 1_000 }),
    open: store.incidents.open(),
    events: store.events.after(0, 10_000),
    jobs: NAMES.map((service) => store.jobs.get(service, "once")),
    instances: store.instances.list(),
    slots: store.slots.list(),
    keys: store.keys.list(),
    book: store.notices.book(),
    queued: store.notices.queued(),
    meta: NAMES.map((key) => store.meta.get(key)),
    audit: store.audit.list({ limit: 1_000 }),
  };
}
