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

/** The answer to each call: the rule in force after it, and the program's process. */
export interface ProxyStatus {
  readonly rule: ProxyRule | null;
  readonly programPid: number;
}

/** Listens at the path. Rejects when another process answers there. */
export function listenForRules(path: string, rules: RuleBook, programPid: number): Promise<{ close(): Promise<void> }> {
  return listenJsonLines(path, (connection) => {
    connection.onClose(() => rules.clear(connection));
    connection.onMessage((message) => {
      const call = message as ProxyCall;
      if (call.call === "set") rules.set(call, connection);
      else if (call.call === "clear") rules.clear();
      connection.send({ rule: rules.current ?? null, programPid } satisfies ProxyStatus);
    });
  });
}
