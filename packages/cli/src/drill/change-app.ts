// Changes of the copy of an app that are faults themselves: a release that is bad from its start, a gateway that is replaced.
import type { ControlClient } from "@flyball/client";
import type { AppSpec } from "@flyball/core";
import { FIRST_RULE_VARIABLE, type ChangeQuestion } from "@flyball/drill";

/** Does what the referee asks; resolves with the wall time at which control accepted it. */
export async function changeApp(control: ControlClient, spec: AppSpec, question: ChangeQuestion): Promise<number> {
  const wanted = question.do === "undo" ? spec : changed(spec, question);
  await control.apply({ spec: wanted, author: "drill", reason: question.do === "undo" ? "drill: undo" : "drill" });
  return Date.now();
}

type Make = Extract<ChangeQuestion, { readonly do: "make" }>;

function changed(spec: AppSpec, { change, service, leaseMs }: Make): AppSpec {
  // Another number of workers is what has the gateway replaced, as an upgrade does.
  if (change.kind === "upgrade") return { ...spec, gateway: { ...spec.gateway, workers: spec.gateway.workers + 1 } };
  const before = spec.services[service];
  if (before === undefined) throw new Error(`there is no service ${service}`);
  const rule =
    change.rule === undefined ? {} : { [FIRST_RULE_VARIABLE]: JSON.stringify({ rule: change.rule, leaseMs }) };
  const environment = { ...before.environment, ...change.environment, ...rule };
  return { ...spec, services: { ...spec.services, [service]: { ...before, environment } } };
}
