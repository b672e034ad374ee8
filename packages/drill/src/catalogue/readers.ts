// Small readers of values, put together into the reader of a fault. Each answers its value, or notes a problem and answers undefined.
import { nearestName } from "@flyball/core";
import type { YamlValue } from "./read-yaml.ts";

/** Reads one value. */
export type Reader<T> = (value: YamlValue) => T | undefined;

/** One of these words. */
export function word<const W extends string>(words: readonly W[]): Reader<W> {
  return (value) => {
    const { scalar } = value;
    const found = words.find((known) => known === scalar);
    if (found !== undefined) return found;
    const near = typeof scalar === "string" ? nearestName(scalar, words) : undefined;
    value.fail(
      near === undefined
        ? `expected one of ${words.join(", ")}, saw ${seen(value)}`
        : `saw ${seen(value)}. Did you mean "${near}"?`,
    );
    return undefined;
  };
}

/** Text that is not empty. */
export const text: Reader<string> = (value) => {
  if (typeof value.scalar === "string" && value.scalar.trim() !== "") return value.scalar;
  value.fail(`expected text, saw ${seen(value)}`);
  return undefined;
};

/** A number between two bounds, both allowed. */
export function number(least: number, most: number, isWhole: boolean): Reader<number> {
  return (value) => {
    const { scalar } = value;
    const fits = typeof scalar === "number" && scalar >= least && scalar <= most;
    if (fits && (!isWhole || Number.isInteger(scalar))) return scalar;
    value.fail(`expected a ${isWhole ? "whole " : ""}number from ${least} to ${most}, saw ${seen(value)}`);
    return undefined;
  };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `100ms`, `1.5s`, `10m`; milliseconds. */
export const duration: Reader<number> = (value) => {
  const match = typeof value.scalar === "string" ? /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value.scalar) : null;
  if (match) return Number(match[1]) * UNITS[match[2]!]!;
  value.fail(`expected a duration like 100ms, 15s or 10m, saw ${seen(value)}`);
  return undefined;
};

/** Each item of a list. */
export function list<T>(item: Reader<T>): Reader<readonly T[]> {
  return (value) => {
    if (value.items) return value.items.map(item).filter((read) => read !== undefined);
    value.fail(`expected a list, saw ${seen(value)}`);
    return undefined;
  };
}

/** Text by free names, such as variables of an environment. */
export const textMap: Reader<Readonly<Record<string, string>>> = (value) => {
  if (!value.entries) {
    value.fail(`expected names with text, saw ${seen(value)}`);
    return undefined;
  }
  return Object.fromEntries([...value.entries].map(([name, entry]) => [name, text(entry) ?? ""]));
};

type Fields = Readonly<Record<string, Reader<unknown>>>;
type Values<F extends Fields> = { readonly [Name in keyof F]: F[Name] extends Reader<infer T> ? T : never };
type Merged<R extends Fields, O extends Fields> = Values<R> & Partial<Values<O>>;

/** A map with these keys and no others; `finish` makes of it what is wanted. */
export function record<R extends Fields, O extends Fields, T = Merged<R, O>>(
  required: R,
  optional: O,
  finish: (read: Merged<R, O>) => T = (read) => read as T,
): Reader<T> {
  return (value) => {
    const { entries } = value;
    if (!entries) {
      value.fail(`expected ${Object.keys(required).join(", ")}, saw ${seen(value)}`);
      return undefined;
    }
    value.refuseOthers([...Object.keys(required), ...Object.keys(optional)]);
    const result: Record<string, unknown> = {};
    for (const [name, reader] of Object.entries({ ...required, ...optional })) {
      const entry = entries.get(name);
      if (entry) result[name] = reader(entry);
      else if (name in required) value.fail(`${name} is missing`);
    }
    // Where something is missing or wrong a problem was noted, and then nothing of the catalogue is used.
    return finish(result as Merged<R, O>);
  };
}

/** A map whose field `tag` says which reader reads it. */
export function tagged<T>(tag: string, readers: Readonly<Record<string, Reader<T>>>): Reader<T> {
  const readTag = word(Object.keys(readers));
  return (value) => {
    const entry = value.entries?.get(tag);
    if (!entry) {
      value.fail(`expected a map with ${tag}, saw ${seen(value)}`);
      return undefined;
    }
    const name = readTag(entry);
    return name === undefined ? undefined : readers[name]!(value);
  };
}

function seen({ scalar, items, entries }: YamlValue): string {
  if (entries) return "a map";
  if (items) return "a list";
  return scalar === null || scalar === undefined ? "nothing" : JSON.stringify(scalar);
}
