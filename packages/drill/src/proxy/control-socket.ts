// The control socket of a fault proxy: JSON lines over a 0600 Unix socket. Whoever sets a rule keeps the connection open: when it closes, the
// rule ends, so the death of a drill undoes its fault.
import { listenJsonLines } from "@flyball/wire";
import type { ProxyRule } from "../fault.ts";
import type { RuleBook } from "./rule-book.ts";

/** What is asked. */
export type ProxyCall =
  | { readonly call: "set"; readonly rule: ProxyRule; readonly leaseMs: number }
  | { readonly call: "clear" }
  | { readonly call: "status" };

/** The answer to each call, with the rule in force after it. */
export interface ProxyStatus extends ProxyFacts {
  readonly rule: ProxyRule | null;
}

/** What a proxy knows beside its rule. */
export interface ProxyFacts {
  readonly programPid: number;
  /** Requests that came since it began, health checks and readings of counters apart: the load that this instance was given. */
  readonly arrived: number;
}

/** Listens at the path. Rejects when another process answers there. */
export function listenForRules(
  path: string,
  rules: RuleBook,
  facts: () => ProxyFacts,
): Promise<{ close(): Promise<void> }> {
  return listenJsonLines(path, (connection) => {
    connection.onClose(() => rules.clear(connection));
    connection.onMessage((message) => {
      const call = message as ProxyCall;
      if (call.call === "set") rules.set(call, connection);
      else if (call.call === "clear") rules.clear();
      connection.send({ rule: rules.current ?? null, ...facts() } satisfies ProxyStatus);
    });
  });
}
