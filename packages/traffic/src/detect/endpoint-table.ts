// What a detector keeps of each endpoint, in bounded memory: rows that were not touched for ten minutes are forgotten, and of too many the oldest.

const FORGET_MS = 600_000;
const MOST_ROWS = 10_000;

/** Every row knows its pool and when it was touched last. */
export interface EndpointRow {
  readonly pool: string;
  at: number;
}

/** Rows by endpoint, the longest untouched first. */
export type EndpointTable<Row extends EndpointRow> = Map<string, Row>;

/** The row of an endpoint, made when there is none; touched. */
export function touchRow<Row extends EndpointRow>(
  table: EndpointTable<Row>,
  seen: { readonly endpoint: string; readonly pool: string; readonly at: number },
  create: () => Omit<Row, keyof EndpointRow>,
): Row {
  const known = table.get(seen.endpoint);
  const row = known?.pool === seen.pool ? known : ({ ...create(), pool: seen.pool, at: seen.at } as Row);
  row.at = seen.at;
  table.delete(seen.endpoint);
  table.set(seen.endpoint, row);
  for (const [endpoint, oldest] of table) {
    if (table.size <= MOST_ROWS && seen.at - oldest.at < FORGET_MS) break;
    table.delete(endpoint);
  }
  return row;
}

/** Endpoints by pool, of those that were touched within some time. */
export function rowsByPool<Row extends EndpointRow>(
  table: EndpointTable<Row>,
  now: number,
  withinMs: number,
): Map<string, [string, Row][]> {
  const pools = new Map<string, [string, Row][]>();
  for (const [endpoint, row] of table) {
    if (now - row.at > withinMs) continue;
    const rows = pools.get(row.pool);
    if (rows === undefined) pools.set(row.pool, [[endpoint, row]]);
    else rows.push([endpoint, row]);
  }
  return pools;
}
