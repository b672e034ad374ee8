// Sequences of requests of all kinds, cut into reads anywhere, for tests that play them on two servers.
import fc from "fast-check";
import type { Script } from "./served.ts";

/** A request of a script. */
interface Wish {
  readonly method: string;
  readonly target: string;
  readonly version?: "1.0" | "1.1";
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly chunks?: { readonly sizes: readonly number[]; readonly trailers: readonly (readonly [string, string])[] };
}

function bytesOf({ method, target, version = "1.1", headers, body, chunks }: Wish): Buffer {
  const all = [...headers];
  if (body !== undefined) all.push(["Content-Length", String(body.length)]);
  if (chunks) all.push(["Transfer-Encoding", "chunked"]);
  const lines = (list: readonly (readonly [string, string])[]): string =>
    list.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  let text = `${method} ${target} HTTP/${version}\r\n${lines(all)}\r\n${body ?? ""}`;
  if (chunks) {
    for (const size of chunks.sizes) text += `${size.toString(16)}\r\n${"c".repeat(size)}\r\n`;
    text += `0\r\n${lines(chunks.trailers)}\r\n`;
  }
  return Buffer.from(text, "latin1");
}

const HOST: readonly [string, string] = ["Host", "x"];

const names = fc.constantFrom("Accept", "accept", "Age", "Authorization", "AUTHORIZATION", "Cookie", "cookie", "Content-Type", "content-type", "Date", "ETag", "Expires", "From", "If-Match", "If-Modified-Since", "Location", "Max-Forwards", "Origin", "Proxy-Authorization", "Referer", "Retry-After", "Server", "Set-Cookie", "set-cookie", "User-Agent", "Vary", "X-Forwarded-For", "x-a", "X-A", "constructor", "toString", "Keep-Alive", "TE", "Host", "Last-Modified");
const values = fc.oneof(
  fc.constantFrom("", "a", "b, c", "1", "gzip;q=1.0"),
  fc.string({ unit: fc.constantFrom("a", "Z", "0", "!", "\u00e9", "\u00ff", "=", ";"), maxLength: 12 }),
);
const headerList = fc.oneof(
  { arbitrary: fc.array(fc.tuple(names, values), { maxLength: 6 }), weight: 8 },
  { arbitrary: fc.array(fc.tuple(names, values), { minLength: 28, maxLength: 80 }), weight: 1 },
);

const kinds = fc.constantFrom("length", "implicit", "empty", "bare", "chunked", "pieces");
const targets = fc
  .record({
    kind: kinds,
    status: fc.constantFrom(200, 200, 200, 201, 204, 304, 404, 503),
    size: fc.constantFrom(0, 1, 10, 8 * 1024, 8 * 1024 + 1, 100_000),
    when: fc.constantFrom("now", "tick", "later"),
    isEarly: fc.boolean(),
  })
  .map(({ kind, status, size, when, isEarly }) => {
    const early = isEarly ? "&early" : "";
    return `/a?kind=${kind}&status=${status}&size=${size}&when=${when}${early}`;
  });

const lasts = fc.constantFrom<Partial<Wish>>(
  {},
  {},
  {},
  { version: "1.0" },
  { headers: [HOST, ["Connection", "close"]] },
  { headers: [] },
  { version: "1.0", headers: [["Connection", "keep-alive"]] },
);

const wishes: fc.Arbitrary<Wish> = fc
  .record({
    method: fc.constantFrom("GET", "GET", "POST", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"),
    target: targets,
    extra: headerList,
    hostAt: fc.nat(6),
    expects: fc.constantFrom(0, 0, 0, 0, 0, 0, 1),
    body: fc.oneof(
      fc.constant({}),
      fc.nat(3_000).map((size) => ({ body: "b".repeat(size) })),
      fc.record({
        chunks: fc.record({
          sizes: fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 3 }),
          trailers: fc.array(fc.tuple(fc.constantFrom("x-trailer", "X-Checksum"), values), { maxLength: 2 }),
        }),
      }),
    ),
  })
  .map(({ method, target, extra, hostAt, expects, body }) => {
    const headers: (readonly [string, string])[] = [...extra];
    headers.splice(hostAt, 0, HOST);
    if (expects === 1) headers.push(["Expect", "100-continue"]);
    return { method, target, headers, ...body };
  });

/** A sequence of requests and how they come. */
export interface Plan {
  readonly wishes: readonly Wish[];
  /** Where the bytes are cut into reads, in thousandths. */
  readonly cuts: readonly number[];
  /** Each request waits for the answer to the one before. */
  readonly isInTurns: boolean;
}

export const plans: fc.Arbitrary<Plan> = fc
  .record({
    wishes: fc.array(wishes, { minLength: 1, maxLength: 5 }),
    last: lasts,
    cuts: fc.array(fc.nat(1_000), { maxLength: 5 }),
    isInTurns: fc.boolean(),
  })
  .map(({ wishes: list, last, cuts, isInTurns }) => {
    const end = endOf(list.at(-1) as Wish, last);
    const all = [...list.slice(0, -1), end];
    return { wishes: isInTurns ? all : all.map(withoutExpectation), cuts, isInTurns };
  });

/** Where a connection ends before all of a body was read, the system may take an answer back that is on its way. */
function endOf(wish: Wish, last: Partial<Wish>): Wish {
  const { body: _body, chunks: _chunks, ...bare } = wish;
  if (last.headers?.length === 0) return { ...bare, ...last };
  if (last.version === undefined && last.headers === undefined) return wish;
  return { ...wish, ...last, target: wish.target.replace("&early", "") };
}

/** Through TLS, Node's own server loses a connection whose answers wait for the reader while more requests come. */
export function withShortAnswers(plan: Plan): Plan {
  return { ...plan, wishes: plan.wishes.map((wish) => ({ ...wish, target: wish.target.replace("=100000", "=9000") })) };
}

/** Behind a running answer Node writes `100 Continue` between head and body of the answer that follows. */
function withoutExpectation(wish: Wish): Wish {
  return { ...wish, headers: wish.headers.filter(([name]) => name !== "Expect") };
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts.map((at) => Math.floor((at * bytes.length) / 1_000)), bytes.length].toSorted((a, b) => a - b);
  const parts: Buffer[] = [];
  let from = 0;
  for (const end of ends) {
    if (end > from) parts.push(bytes.subarray(from, end));
    from = end;
  }
  return parts;
}

/** What a client does that plays the plan. */
export function scriptOf({ wishes: list, cuts, isInTurns }: Plan): Script {
  const methods = list.map(({ method }) => method);
  if (!isInTurns) return { reads: cut(Buffer.concat(list.map(bytesOf)), cuts), methods };
  return { reads: list.flatMap((wish, index) => [...cut(bytesOf(wish), cuts), index + 1]), methods };
}
