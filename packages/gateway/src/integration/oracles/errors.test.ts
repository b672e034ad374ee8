// Official clients throw the same error whether they ask a backend directly or through the gateway, never take a cut stream for a whole
// answer, and stop their backend when they are aborted.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { RecordedRequest, UpstreamAnswer } from "@flyball/fakes";
import type { Oracle, Target } from "./testdata/oracle.ts";
import { BACKENDS, createOracleStage, ORACLES, type OracleStage } from "./testdata/oracle-stage.ts";
import { SCENARIOS, type Scenario } from "./testdata/scenarios.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let stage: OracleStage;
beforeAll(async () => {
  stage = await createOracleStage();
});
afterAll(() => stage.dispose());
beforeEach(() => stage.fresh());

const TEXT = (SCENARIOS[0] as Scenario).script;
const STREAMS = [
  ["streamed", true],
  ["whole", false],
] as const;

interface Fault {
  readonly status: number;
  /** OpenAI's words. */
  readonly code: string;
  /** Anthropic's, and its own status where it has another. */
  readonly type: string;
  readonly anthropicStatus?: number;
}

/** The backend asked for peace: nobody else is there, so the gateway says when it is back, in its own words and always with 429. */
const rests = ({ status, anthropicStatus }: Fault, backend: string): boolean =>
  status === 429 || (backend === "anthropic" && anthropicStatus === 529);

const FAULTS: readonly Fault[] = [
  { status: 400, code: "invalid_value", type: "invalid_request_error" },
  { status: 400, code: "context_length_exceeded", type: "invalid_request_error" },
  { status: 400, code: "content_filter", type: "invalid_request_error" },
  { status: 413, code: "request_too_large", type: "request_too_large" },
  { status: 422, code: "unprocessable", type: "invalid_request_error" },
  { status: 429, code: "rate_limit_exceeded", type: "rate_limit_error" },
  { status: 500, code: "server_error", type: "api_error" },
  { status: 503, code: "server_error", type: "api_error", anthropicStatus: 529 },
];

/** The fault in the form of whoever is asked. */
function answer({ status, code, type, anthropicStatus }: Fault): (request: RecordedRequest) => UpstreamAnswer {
  return ({ url }) => {
    const isAnthropic = url.endsWith("/messages");
    const message = "the backend says no";
    const body = isAnthropic
      ? { type: "error", error: { type, message }, request_id: "req_1" }
      : { error: { message, type: status < 500 ? "invalid_request_error" : "server_error", param: null, code } };
    return {
      status: isAnthropic ? (anthropicStatus ?? status) : status,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
  };
}

interface ErrorSummary {
  readonly class: string;
  readonly status: unknown;
  readonly code: unknown;
}

/** What programs look at. */
function summaryOf(thrown: unknown): ErrorSummary {
  const error = thrown as ThrownError;
  const body = error.data ?? error.error;
  return {
    class: error.constructor.name,
    status: error.status ?? error.statusCode,
    code: error.code ?? body?.error?.code ?? body?.error?.type,
  };
}

/** Where the clients keep it. */
interface ThrownError extends Error {
  readonly status?: number;
  readonly statusCode?: number;
  readonly code?: string;
  readonly data?: ErrorBody;
  readonly error?: ErrorBody;
}

interface ErrorBody {
  readonly error?: { readonly code?: string; readonly type?: string };
}

async function failureOf(oracle: Oracle, target: Target, isStream: boolean): Promise<ErrorSummary> {
  return oracle.ask({ target, scenario: "text", isStream }).then(
    (value) => expect.fail(`it answered ${JSON.stringify(value)}`),
    (error: unknown) => summaryOf(error),
  );
}

describe.each(ORACLES.map((oracle) => [oracle.name, oracle] as const))("%s", (_name, oracle) => {
  const { same, translated } = BACKENDS[oracle.face];

  describe.each(STREAMS)("%s", (_how, isStream) => {
    it.each(FAULTS.map((fault) => [fault.status, fault.code, fault] as const))(
      "throws for %i %s what it throws at the backend itself",
      async (_status, _code, fault) => {
        stage.upstream.set({ respond: answer(fault) });
        const direct = await failureOf(oracle, stage.direct, isStream);
        expect(direct.status).toBe(oracle.face === "messages" ? (fault.anthropicStatus ?? fault.status) : fault.status);
        for (const backend of [same, ...translated]) {
          const through = await failureOf(oracle, stage.through(backend), isStream);
          if (rests(fault, backend)) {
            expect(through.status).toBe(429);
            if (direct.status === 429) expect(through.class).toBe(direct.class);
          } else expect(through).toEqual(backend === same ? direct : { ...direct, code: through.code });
        }
      },
    );

    it("throws for a wrong key and an unknown model what the provider makes it throw", async () => {
      const { baseUrl, model } = stage.through(same);
      for (const [fault, target] of [
        [
          { status: 401, code: "invalid_api_key", type: "authentication_error" },
          { baseUrl, key: "wrong", model },
        ],
        [
          { status: 404, code: "model_not_found", type: "not_found_error" },
          { baseUrl, key: "fb-key", model: "nothing" },
        ],
      ] as const) {
        stage.upstream.set({ respond: answer(fault) });
        const direct = await failureOf(oracle, stage.direct, isStream);
        const before = stage.upstream.counts.requests;
        const through = await failureOf(oracle, target, isStream);
        expect([through.class, through.status]).toEqual([direct.class, direct.status]);
        expect(stage.upstream.counts.requests).toBe(before);
      }
    });
  });

  it.each(["error-event", "cut", "end"] as const)(
    "throws when a stream is broken off by %s, and never takes it for whole",
    async (kind) => {
      stage.upstream.set({ model: { ...TEXT, trouble: { kind, atPiece: 2, code: "server_error" } } });
      for (const backend of [same, ...translated]) {
        const failure = await failureOf(oracle, stage.through(backend), true);
        expect(failure.class).toMatch(/Error/);
      }
    },
  );

  it.each([
    ["before an answer", { fault: { kind: "hang-before-headers" } }],
    ["in the middle of a stream", { model: { ...TEXT, trouble: { kind: "stall", atPiece: 2 } } }],
  ] as const)("aborted %s stops its backend", async (when, behaviour) => {
    const classes: string[] = [];
    for (const target of [stage.direct, stage.through(same), ...translated.map((each) => stage.through(each))]) {
      stage.upstream.set(behaviour);
      const { aborted, executions } = { ...stage.upstream.counts };
      const controller = new AbortController();
      const onContent = (): void => controller.abort();
      const asked = oracle.ask({ target, scenario: "text", isStream: true, onContent, signal: controller.signal }).then(
        () => expect.fail("it answered"),
        (error: unknown) => error as Error,
      );
      if (when === "before an answer") {
        await stage.upstream.until((counts) => counts.executions > executions, AbortSignal.timeout(5_000));
        controller.abort();
      }
      classes.push((await asked).constructor.name);
      await stage.upstream.until((counts) => counts.aborted === aborted + 1, AbortSignal.timeout(5_000));
    }
    expect(new Set(classes).size).toBe(1);
  });
});
