// What the fields of a fault must have in common.
import { basename } from "node:path";
import type { FaultDefinition, Injection, ProxyRule } from "../fault.ts";
import type { YamlValue } from "./read-yaml.ts";

/** Notes what does not fit together. */
export function checkFault(root: YamlValue, fault: FaultDefinition, file: string): void {
  const at = (name: string): YamlValue => root.entries?.get(name) ?? root;
  const { injection, needs, victim, expect } = fault;
  const name = basename(file, ".yaml");
  if (fault.id !== name) at("id").fail(`the file is called ${name}.yaml. Give both the same name`);
  const all = partsOf(injection);
  if (injection.kind === "compound" && injection.parts.length < 2) at("injection").fail("expected two parts or more");
  if (injection.kind === "compound" && injection.parts.some((part) => part.injection.kind === "compound"))
    at("injection").fail("a part is itself compound. List all parts in one");
  const usesProxy =
    expect.awayShare !== undefined ||
    all.some((part) => part.kind === "proxy" || (part.kind === "release" && part.rule));
  if (usesProxy !== needs.includes("proxy"))
    at("needs").fail(
      usesProxy ? "rules and counts of the fault proxy need proxy. Add it" : "nothing uses proxy. Remove it",
    );
  const usesNetwork = all.some(({ kind }) => kind === "network");
  if (usesNetwork && !needs.includes("root")) at("needs").fail("packets are dropped by root only. Add root");
  if (all.some((part) => part.kind === "proxy" && isRefusalThatLies(part.rule)))
    at("injection").fail("health cannot be well where nobody listens. Take accept-no-answer as inner rule");
  const inside = all.find((part) => part.kind === "inside");
  if (inside && (inside.what === "block") !== (inside.blockMs !== undefined))
    at("injection").fail("block says how long the loop stands still, and only what: block has it");
  if (inside && !["gateway", "gateway-worker", "control"].includes(victim))
    at("victim").fail("only processes of Flyball are entered. Take gateway, gateway-worker or control");
  if (expect.awayShare !== undefined && expect.trafficMs === undefined)
    at("expect").fail("awayShare says how much traffic is away within traffic. Add traffic");
}

function partsOf(injection: Injection): readonly Injection[] {
  return injection.kind === "compound" ? injection.parts.map((part) => part.injection) : [injection];
}

function isRefusalThatLies(rule: ProxyRule): boolean {
  return rule.rule === "health-lies" && (rule.inner.rule === "refuse" || rule.inner.rule === "health-lies");
}
