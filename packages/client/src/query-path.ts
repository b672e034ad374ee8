// Builds a path with its query from values that may be absent.

/** `queryPath("/v1/logs", { tail: 10, service: undefined })` → `/v1/logs?tail=10`. */
export function queryPath(
  path: string,
  values: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}
