// The one rule in force. It ends by its lease, by a word, or with the connection that set it, whichever comes first.
import type { CancelTimer, Clock } from "@flyball/core";
import type { ProxyRule } from "../fault.ts";

/** A rule for a time. */
export interface LeasedRule {
  readonly rule: ProxyRule;
  readonly leaseMs: number;
}

/** Holds the rule. */
export interface RuleBook {
  readonly current: ProxyRule | undefined;
  /** Replaces the one before. `owner` is whoever may clear it by going away. */
  set(leased: LeasedRule, owner: object): void;
  /** With an owner: only the rule that it set. */
  clear(owner?: object): void;
  /** Called after each change, with the rule in force from now on. */
  onChange(listener: (rule: ProxyRule | undefined) => void): void;
}

/** An empty book. */
export function createRuleBook(clock: Clock): RuleBook {
  const listeners: ((rule: ProxyRule | undefined) => void)[] = [];
  let current: ProxyRule | undefined;
  let holder: object | undefined;
  let cancelLease: CancelTimer = () => undefined;
  const change = (rule: ProxyRule | undefined, owner: object | undefined): void => {
    cancelLease();
    current = rule;
    holder = owner;
    for (const listener of listeners) listener(rule);
  };
  const clear = (owner?: object): void => {
    if (current !== undefined && (owner === undefined || owner === holder)) change(undefined, undefined);
  };
  return {
    get current() {
      return current;
    },
    set({ rule, leaseMs }, owner) {
      change(rule, owner);
      cancelLease = clock.after(leaseMs, () => clear(owner));
    },
    clear,
    onChange: (listener) => void listeners.push(listener),
  };
}
