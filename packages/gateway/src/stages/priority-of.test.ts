import { expect, it } from "vitest";
import type { Exchange } from "./exchange.ts";
import { PRIORITY_HEADER, priorityOf } from "./priority-of.ts";

const [LOW, NORMAL, HIGH] = [0, 1, 2];

function asked(of: { readonly tenant?: number; readonly route?: number; readonly header?: string }): Exchange {
  return {
    key: { tenant: "acme" },
    serving: { priorities: new Map(of.tenant === undefined ? [] : [["acme", of.tenant]]) },
    route: { priority: of.route },
    request: { headers: of.header === undefined ? {} : { [PRIORITY_HEADER]: of.header } },
  } as unknown as Exchange;
}

it.each([
  ["nothing is said", {}, NORMAL],
  ["the route says it", { route: HIGH }, HIGH],
  ["the tenant comes before the route", { route: HIGH, tenant: LOW }, LOW],
  ["a client lowers its own", { route: HIGH, header: "normal" }, NORMAL],
  ["a client cannot raise it", { route: LOW, header: "high" }, LOW],
  ["a client says nonsense", { header: "1" }, NORMAL],
])("the class of a request where %s", (_, of, priority) => {
  expect(priorityOf(asked(of))).toBe(priority);
});
