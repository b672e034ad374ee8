// Rung and next rung of a restart that follows from an exit: it is not asked for by the ladder, and has its place on it all the same.
import type { IncidentClass, Rung } from "@flyball/core";
import { LADDERS } from "../decide/ladder-table.ts";

/** For the action that is written into the incident; nothing where the class has no such rung. */
export function firstRungs(kind: IncidentClass): { readonly rung?: Rung; readonly next?: Rung } {
  const index = LADDERS[kind].findIndex(({ rung }) => rung === "restart");
  const next = LADDERS[kind][index + 1]?.rung;
  return index < 0 ? {} : { rung: "restart", ...(next === undefined ? {} : { next }) };
}
