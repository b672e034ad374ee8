// Everything that an app says of itself, gathered while a test goes on; it survives restarts of control as every follower does.
import type { ControlClient } from "@flyball/client";
import type { AppEvent } from "@flyball/core";
import { setTimeout as delay } from "node:timers/promises";

type EventNamed<N extends AppEvent["event"]> = Extract<AppEvent, { event: N }>;

/** Events from the first on. */
export interface AppEvents {
  all(): readonly AppEvent[];
  named<N extends AppEvent["event"]>(name: N): readonly EventNamed<N>[];
  /** The first event for which `matches` holds, past or coming; fails after `limitMs` with what was seen. */
  until(description: string, matches: (event: AppEvent) => boolean, limitMs?: number): Promise<AppEvent>;
  stop(): Promise<void>;
}

/** Follows the events of an app until `stop`. */
export function followAppEvents(client: ControlClient): AppEvents {
  const stopped = new AbortController();
  const seen: AppEvent[] = [];
  const following = (async () => {
    for await (const event of client.events({ after: 0 }, stopped.signal)) seen.push(event);
  })().catch(() => undefined);
  return {
    all: () => [...seen],
    named: <N extends AppEvent["event"]>(name: N) =>
      seen.filter((event): event is EventNamed<N> => event.event === name),
    async until(description, matches, limitMs = 20_000) {
      const deadline = performance.now() + limitMs;
      for (;;) {
        const found = seen.find(matches);
        if (found !== undefined) return found;
        if (performance.now() > deadline) {
          throw new Error(
            `not within ${limitMs} ms: ${description}; seen:\n${seen.map((event) => JSON.stringify(event)).join("\n")}`,
          );
        }
        await delay(20);
      }
    },
    async stop() {
      stopped.abort();
      await following;
    },
  };
}
