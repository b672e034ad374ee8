// Test 17 of the reference list: nothing that went wrong is told as 200, and each error has the status and the object of its client's API.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { RequestEvidence } from "@flyball/core";
import type { RecordedRequest, UpstreamBehaviour } from "@flyball/fakes";
import type { Reply } from "../../testdata/test-client.ts";
import { send } from "../../testdata/test-client.ts";
import { FACES, NAMED_PAIRS, PAIRS, type ClientFace, type DialectPair } from "./testdata/client-faces.ts";
import { createDialectStage, type DialectStage } from "./testdata/dialect-stage.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let stage: DialectStage;
beforeAll(async () => {
  stage = await createDialectStage();
});
afterAll(() => stage.dispose());

/** Types of Anthropic's error object by status (its API reference). */
const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  422: "invalid_request_error",
  429: "rate_limit_error",
  500: "api_error",
  502: "api_error",
  504: "timeout_error",
  529: "overloaded_error",
};
/** Types of OpenAI's. */
const OPENAI_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "insufficient_quota",
  403: "permission_error",
  404: "invalid_request_error",
  413: "invalid_request_error",
  422: "invalid_request_error",
  429: "rate_limit_error",
  500: "server_error",
  502: "server_error",
  503: "server_error",
  504: "server_error",
};

/** The status and the whole object, member by member. `isOwn`: the backend's own words in the client's own dialect. */
function expectError(face: ClientFace, reply: Reply, status: number, isOwn = false): void {
  expect([reply.status, reply.headers["content-type"]?.split(";")[0]]).toEqual([status, "application/json"]);
  expect(reply.headers["x-request-id"]).toMatch(/^\S+$/);
  const body = reply.json();
  if (face.name === "messages") {
    expect(Object.keys(body).toSorted()).toEqual(["error", "request_id", "type"]);
    expect(body.type).toBe("error");
    if (!isOwn) expect(body.request_id).toBe(reply.headers["x-request-id"]);
    expect(body.error.type).toBe(ANTHROPIC_TYPES[status]);
  } else {
    expect(Object.keys(body)).toEqual(["error"]);
    expect(Object.keys(body.error).toSorted()).toEqual(["code", "message", "param", "type"]);
    for (const name of ["code", "param"]) {
      expect(body.error[name] === null || /^(?!None$|null$|\d+$)./.test(body.error[name])).toBe(true);
    }
    if (!isOwn) expect(body.error.type).toBe(OPENAI_TYPES[status]);
  }
  expect(body.error.message.length).toBeGreaterThan(3);
}

/** The backend's own form of an error. */
function refusal(status: number, type: string, headers: Record<string, string> = {}): Partial<UpstreamBehaviour> {
  return {
    respond({ url }: RecordedRequest) {
      const isAnthropic = url.endsWith("/messages");
      const error = { type, message: `it said ${type}`, ...(isAnthropic ? {} : { param: null, code: type }) };
      const body = isAnthropic ? { type: "error", error, request_id: "req_theirs" } : { error };
      return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
    },
  };
}

interface Row {
  readonly behaviour: Partial<UpstreamBehaviour>;
  /** What OpenAI's clients get; Anthropic's get 529 for 503. */
  readonly status: number;
  /** The backend's own words are passed on. */
  readonly isOwn?: boolean;
}

const HTML = { headers: { "content-type": "text/html" }, body: "<h1>Bad gateway</h1>" };
const JSON_TYPE = { "content-type": "application/json" };
const FAULTS: readonly (readonly [name: string, row: Row])[] = [
  ["400", { behaviour: refusal(400, "invalid_request_error"), status: 400, isOwn: true }],
  ["413", { behaviour: refusal(413, "request_too_large"), status: 413, isOwn: true }],
  ["422", { behaviour: refusal(422, "invalid_request_error"), status: 422, isOwn: true }],
  ["429", { behaviour: refusal(429, "rate_limit_error", { "retry-after": "2" }), status: 429 }],
  ["500", { behaviour: refusal(500, "api_error"), status: 500, isOwn: true }],
  ["502 in HTML", { behaviour: { status: 502, ...HTML }, status: 502 }],
  ["500 without a body", { behaviour: { status: 500, headers: {}, body: "" }, status: 500 }],
  ["503 in text", { behaviour: { status: 503, headers: { "content-type": "text/plain" }, body: "no" }, status: 503 }],
  ["529", { behaviour: refusal(529, "overloaded_error"), status: 429 }],
  ["200 with an error in it", { behaviour: refusal(200, "api_error"), status: 502 }],
  ["200 in HTML", { behaviour: { model: undefined, ...HTML }, status: 502 }],
  ["200 with half an answer", { behaviour: { model: undefined, headers: JSON_TYPE, body: '{"id":' }, status: 502 }],
  ["200 without a body", { behaviour: { model: undefined, headers: JSON_TYPE, body: "" }, status: 502 }],
  ["a reset connection", { behaviour: { fault: { kind: "reset" } }, status: 502 }],
  ["silence", { behaviour: { fault: { kind: "hang-before-headers" } }, status: 504 }],
];

describe("3.17 an upstream's fault", () => {
  describe.each(NAMED_PAIRS)("to %s", (_name, pair) => {
    it.each(FAULTS)("of %s is told with its status and object", async (_fault, { behaviour, status, isOwn }) => {
      for (const isStream of [true, false]) {
        await stage.fresh({ timeouts: { firstByteMs: 100 } });
        stage.first.set(behaviour);
        const reply = await stage.ask(pair, { isStream, isAlone: true });
        const expected = status === 503 && pair.face.name === "messages" ? 529 : status;
        expectError(pair.face, reply, expected, isOwn === true && !pair.isTranslated);
        if (isOwn) expect(reply.json().error.message).toMatch(/^it said /);
        if (status === 429) expect(Number(reply.headers["retry-after"])).toBeGreaterThanOrEqual(1);
      }
    });
  });
});

describe("3.17 a 200 that is none", () => {
  it.each([
    ["with an error in it", refusal(200, "api_error")],
    ["with half an answer", { model: undefined, headers: JSON_TYPE, body: '{"id":' }],
  ] as const)("%s counts as a fault of its endpoint", async (_what, behaviour) => {
    await stage.fresh();
    stage.first.set(behaviour);
    const askedAt = Date.now();
    await stage.ask(PAIRS[0] as DialectPair, { isStream: false, isAlone: true });
    const evidence = () =>
      stage.rig.signals.find(
        (signal): signal is RequestEvidence =>
          signal.kind === "requests" && signal.pool === "first" && (signal.lastBadAt ?? 0) >= askedAt,
      );
    await stage.rig.waitUntil(() => evidence() !== undefined, "the evidence");
    expect(evidence()?.outcomes).toEqual({ "server-error": 1 });
  });
});

describe("3.17 a client's own mistake", () => {
  const MISTAKES: readonly (readonly [name: string, status: number, call: (face: ClientFace) => object])[] = [
    ["no key", 401, () => ({ headers: { "content-type": "application/json" } })],
    ["a model that is not there", 404, (face) => ({ body: JSON.stringify(face.body("nothing", true)) })],
    ["a body that is no JSON", 400, () => ({ body: "{" })],
    ["a body without a model", 400, () => ({ body: "{}" })],
    ["a model that is named twice", 400, () => ({ body: '{"model":"a","model":"b"}' })],
  ];

  describe.each(FACES.map((face) => [face.name, face] as const))("in %s", (_name, face) => {
    it.each(MISTAKES)("%s is a %i in its words and reaches no upstream", async (mistake, status, call) => {
      await stage.fresh();
      const before = stage.first.counts.requests;
      const isKnown = mistake !== "no key";
      const headers = isKnown ? face.headers : { ...(face.name === "messages" && { "anthropic-version": "1" }) };
      const reply = await send({
        port: stage.rig.port("models"),
        path: face.path,
        method: "POST",
        headers,
        body: JSON.stringify(face.body("openai", true)),
        ...call(face),
        ...(isKnown ? {} : { headers }),
      });
      expectError(face, reply, status);
      expect(stage.first.counts.requests).toBe(before);
    });

    const other = PAIRS.find((each) => each.face === face && each.isTranslated);
    if (face.name === "completions" || other === undefined) return;
    const { name } = face;

    it("a field without a counterpart is named in a 400", async () => {
      await stage.fresh();
      const [field, value] = (
        { chat: ["n", 2], responses: ["previous_response_id", "resp_1"], messages: ["container", "c_1"] } as const
      )[name];
      const reply = await send({
        port: stage.rig.port("models"),
        path: face.path,
        method: "POST",
        headers: face.headers,
        body: JSON.stringify({ ...face.body(`${other.backend}-alone`, true), [field]: value }),
      });
      expectError(face, reply, 400);
      expect(reply.json().error.message).toContain(field);
      if (face.name !== "messages") expect(reply.json().error.param).toBe(field);
    });
  });
});
