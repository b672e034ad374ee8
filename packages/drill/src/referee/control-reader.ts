// What control says of itself, read after a run. Nothing is ever sent there but questions.
import { get } from "node:http";
import type { AppEvent, AppStatus, Incident } from "@flyball/core";

/** Where control is. */
export interface ControlPlace {
  readonly url: string;
  readonly token: string;
}

/** Every call rejects when control does not answer. */
export interface ControlReader {
  status(): Promise<AppStatus>;
  /** The newest ones first. */
  incidents(): Promise<readonly Incident[]>;
  /** All events after a sequence number that are there now. */
  eventsAfter(sequence: number): Promise<readonly AppEvent[]>;
}

const LIMIT_MS = 3_000;
/** The stream of events has no end: so long after the last one, all that is there has come. */
const QUIET_MS = 250;

/** A reader of one app's control. */
export function createControlReader({ url, token }: ControlPlace): ControlReader {
  const headers = { authorization: `Bearer ${token}` };
  const ask = (path: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const call = get(`${url}${path}`, { headers, timeout: LIMIT_MS, agent: false }, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (piece: string) => (body += piece));
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode === 200) resolve(JSON.parse(body) as unknown);
          else reject(new Error(`control answered ${response.statusCode} to ${path}`));
        });
      });
      call.on("timeout", () => call.destroy(new Error(`control did not answer ${path} within ${LIMIT_MS} ms`)));
      call.on("error", reject);
    });
  return {
    status: async () => (await ask("/v1/status")) as AppStatus,
    incidents: async () => ((await ask("/v1/incidents?limit=200")) as { incidents: readonly Incident[] }).incidents,
    eventsAfter: (sequence) =>
      new Promise((resolve, reject) => {
        const events: AppEvent[] = [];
        const call = get(`${url}/v1/events?after=${sequence}`, { headers, agent: false }, (response) => {
          let rest = "";
          let quiet = setTimeout(end, QUIET_MS);
          function end(): void {
            resolve(events);
            call.destroy();
          }
          response.setEncoding("utf8");
          response.on("error", () => undefined);
          response.on("data", (piece: string) => {
            clearTimeout(quiet);
            quiet = setTimeout(end, QUIET_MS);
            const blocks = (rest + piece).split("\n\n");
            rest = blocks.pop() ?? "";
            for (const block of blocks) {
              const data = block.split("\n").find((line) => line.startsWith("data: "));
              if (data !== undefined) events.push(JSON.parse(data.slice(6)) as AppEvent);
            }
          });
        });
        call.on("error", reject);
      }),
  };
}
