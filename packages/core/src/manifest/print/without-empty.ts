// What a printed manifest leaves out.

/** Leaves out undefined, empty lists and empty maps; a volume's {} is deeper and stays. */
export function withoutEmpty(plain: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isEmpty = (value: unknown): boolean =>
    value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(plain).filter(([, value]) => !isEmpty(value)));
}
