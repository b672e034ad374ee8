// Official clients make the same of an answer whether they ask a backend directly or through the gateway. With the backend's own dialect
// nothing at all may differ; after a translation only what testdata/differences.ts names. This is test 14 of the reference list.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { differencesOf, forbiddenDifferences } from "./testdata/differences.ts";
import { BACKENDS, createOracleStage, ORACLES, type OracleStage } from "./testdata/oracle-stage.ts";
import { CLOCK_PIECES, SCENARIOS, WEATHER_PIECES, type Scenario } from "./testdata/scenarios.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let stage: OracleStage;
beforeAll(async () => {
  stage = await createOracleStage();
});
afterAll(() => stage.dispose());

const NAMED_SCENARIOS: readonly (readonly [name: string, scenario: Scenario])[] = SCENARIOS.map((scenario) => [
  scenario.name,
  scenario,
]);
const STREAMS = [
  ["streamed", true],
  ["whole", false],
] as const;

describe.each(ORACLES.map((oracle) => [oracle.name, oracle] as const))("3.14 %s", (_name, oracle) => {
  const { face } = oracle;
  const { same, translated } = BACKENDS[face];

  describe.each(NAMED_SCENARIOS)("%s", (scenarioName, { name: scenario, script }) => {
    it.each(STREAMS)("%s: nothing differs at a backend of the same dialect", async (_how, isStream) => {
      stage.upstream.set({ model: script });
      const direct = await oracle.ask({ target: stage.direct, scenario, isStream });
      const through = await oracle.ask({ target: stage.through(same), scenario, isStream });
      expect(through).toEqual(direct);
      const requests = stage.upstream.requests.slice(-2).map(({ url, body }) => [url, JSON.parse(body.toString())]);
      // The call too is the client's own but for the model's name and what the gateway asks for to count.
      const [asked, passed] = requests as [[string, object], [string, object]];
      expect(passed[0]).toBe(asked[0]);
      expect(passed[1]).toEqual({
        ...asked[1],
        ...("stream_options" in passed[1] && pick(passed[1], "stream_options")),
      });
      expect(scenarioName).toBe(scenario);
    });

    it.each(STREAMS)("%s: only what is allowed differs after a translation", async (_how, isStream) => {
      stage.upstream.set({ model: script });
      const direct = await oracle.ask({ target: stage.direct, scenario, isStream });
      for (const backend of translated) {
        const through = await oracle.ask({ target: stage.through(backend), scenario, isStream });
        const differences = differencesOf(direct, through);
        expect(forbiddenDifferences(differences, { face, backend })).toEqual([]);
        expect(JSON.stringify(through)).not.toContain('"fake-model"');
      }
    });
  });

  it("streamed arguments of parallel calls are byte-equal, in order, with their stop reason and usage", async () => {
    const { script } = SCENARIOS.find(({ name }) => name === "tools") as Scenario;
    stage.upstream.set({ model: script });
    for (const backend of [same, ...translated]) {
      const frames = await rawArguments(backend);
      expect(frames).toEqual([WEATHER_PIECES.join(""), CLOCK_PIECES.join("")]);
      const answer = JSON.stringify(
        await oracle.ask({ target: stage.through(backend), scenario: "tools", isStream: true }),
      );
      expect(answer.indexOf("call_weather")).toBeGreaterThan(0);
      expect(answer.indexOf("call_clock")).toBeGreaterThan(answer.indexOf("call_weather"));
      expect(answer).toMatch(/"(?:tool_calls|tool_use|tool-calls|function_call)"/);
      expect(answer).toMatch(/"(?:output_tokens|completion_tokens|outputTokens)":30/);
    }
  });

  /** The fragments of arguments in the client's stream, joined by call, before any client parsed them. */
  async function rawArguments(backend: Parameters<OracleStage["through"]>[0]): Promise<readonly string[]> {
    const { baseUrl, key, model } = stage.through(backend);
    const path = { chat: "/chat/completions", responses: "/responses", messages: "/messages" }[face];
    const question = face === "responses" ? { input: "x" } : { messages: [{ role: "user", content: "x" }] };
    const reply = await fetch(baseUrl + path, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "x-api-key": key, "content-type": "application/json" },
      body: JSON.stringify({ model, stream: true, ...(face === "messages" && { max_tokens: 100 }), ...question }),
    });
    const byCall = new Map<number, string>();
    for (const [, data] of (await reply.text()).matchAll(/^data: (\{.*)$/gm)) {
      const event = JSON.parse(data as string);
      const call = event.choices?.[0]?.delta?.tool_calls?.[0];
      const index: number = call?.index ?? event.output_index ?? event.index;
      const isFragment = event.type === "response.function_call_arguments.delta";
      const text: unknown =
        call?.function?.arguments ?? event.delta?.partial_json ?? (isFragment ? event.delta : undefined);
      if (typeof text === "string") byCall.set(index, (byCall.get(index) ?? "") + text);
    }
    return [...byCall.keys()].toSorted((a, b) => a - b).map((index) => byCall.get(index) ?? "");
  }
});

describe("3.14 the arguments of an earlier call, in the history of the next one", () => {
  const ARGUMENTS = '{"id":9007199254740993,"at":1.0}';

  async function sendHistory(backend: "anthropic" | "vllm", path: string, messages: string): Promise<string> {
    await stage.fresh();
    const { baseUrl, key, model } = stage.through(backend);
    const tool = '{"name":"f","input_schema":{"type":"object"}}';
    const fn = '{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}';
    const reply = await fetch(baseUrl + path, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "x-api-key": key, "content-type": "application/json" },
      body: `{"model":"${model}","max_tokens":9,"tools":[${path === "/messages" ? tool : fn}],"messages":[${messages}]}`,
    });
    expect(reply.status).toBe(200);
    return String(stage.upstream.requests.at(-1)?.body);
  }

  it("keep their bytes on the way from chat to Anthropic", async () => {
    const call = `{"id":"t","type":"function","function":{"name":"f","arguments":${JSON.stringify(ARGUMENTS)}}}`;
    const body = await sendHistory(
      "anthropic",
      "/chat/completions",
      `{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[${call}]},{"role":"tool","tool_call_id":"t","content":"1"}`,
    );
    expect(body).toContain(`"input":${ARGUMENTS}`);
  });

  it("keep their numbers on the way from Anthropic to chat", async () => {
    const body = await sendHistory(
      "vllm",
      "/messages",
      `{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":${ARGUMENTS}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"1"}]}`,
    );
    expect(body).toContain(JSON.stringify(ARGUMENTS).slice(1, -1));
  });
});

function pick(value: object, name: string): object {
  return { [name]: (value as Record<string, unknown>)[name] };
}
